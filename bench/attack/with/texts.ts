/** Attacks by what is read: a subject that turns text around, and a story that nests too deep. */
import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { createTransport } from 'nodemailer';
import type { Attack, Scene } from '../attack.ts';
import { callApi, member } from '../calls.ts';
import { until } from '../until.ts';
import { traceIn } from './starts.ts';

const run = promisify(execFile);

/** Every control that turns the direction of text (UAX #9 §2). */
const TURNS = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/u;

const mailscope = (root: string, ...args: string[]): Promise<{ stdout: string }> =>
  run(process.execPath, [path.join(root, 'bin', 'mailscope.js'), ...args], { maxBuffer: 2 ** 26 });

async function sendTurned({ ready, data }: Scene): Promise<void> {
  const [alice] = ready.users;
  const auth = { user: alice?.user ?? '', pass: alice?.password ?? '' };
  const transport = createTransport({ host: '127.0.0.1', port: ready.submission.port, ignoreTLS: true, auth });
  const raw =
    'From: alice@blue.example\r\nTo: bob@green.example\r\nMessage-ID: <turned@blue.example>\r\nSubject: invoice \u202Efdp.exe\u2066 \u200F\r\n\r\n\u202Ex\r\n';
  await transport.sendMail({
    envelope: { from: 'alice@blue.example', to: ['bob@green.example'] },
    raw: Buffer.from(raw),
  });
  transport.close();
  await until(async () => /"mail\.stored".*<turned@/.test(await traceIn(data)), 8000);
}

export const TEXT_ATTACKS: readonly Attack[] = [
  {
    name: 'bidi-export',
    entry: 13,
    sentence: 'A letter’s subject and text hold controls that turn the direction of text; the run is exported.',
    async examine(scene) {
      const broken: string[] = [];
      await sendTurned(scene);
      const copy = path.join(scene.data, 'copy.trace.ndjson');
      await writeFile(copy, await traceIn(scene.data));
      for (const format of ['text', 'markdown', 'html', 'mermaid']) {
        const { stdout } = await mailscope(scene.root, 'export', copy, '--to', format);
        // A recording inside a page is for programs; what is between its tags is read.
        const read = format === 'html' ? stdout.replace(/<script[\s\S]*?<\/script>/g, '') : stdout;
        if (TURNS.test(read)) broken.push(`the ${format} export has them as they are`);
      }
      return broken;
    },
  },
  {
    name: 'deep-story',
    entry: 13,
    sentence: 'A story of 15,000 “[” is checked and performed.',
    async examine(scene) {
      const source = `---\ntitle: Deep\n---\n\n${'['.repeat(15_000)}\n`;
      const { status, body } = await callApi(scene.ready.url, 'POST', 'stories', { source });
      const said = JSON.stringify(body);
      const broken = /call stack/i.test(said) ? [`POST /api/stories answers ${status} with “maximum call stack”`] : [];
      const file = path.join(scene.data, 'deep.md');
      await writeFile(file, source);
      const checked = await mailscope(scene.root, 'story', 'check', file).then(
        ({ stdout }) => stdout,
        (error: unknown) => `${String(member(error, 'stdout'))}${String(member(error, 'stderr'))}`,
      );
      if (/call stack/i.test(checked)) broken.push('mailscope story check says “maximum call stack”');
      const data = `---\n${'['.repeat(15_000)}\n---\n`;
      const head = await callApi(scene.ready.url, 'POST', 'stories', { source: data });
      if (/call stack/i.test(JSON.stringify(head.body)))
        broken.push('such a head is answered with “maximum call stack”');
      return broken;
    },
  },
];
