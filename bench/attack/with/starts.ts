/** Attacks on the data folder while nobody is at home: files torn, strange or open to all, and a lock that is nobody's. */
import { execFileSync, spawn } from 'node:child_process';
import { chmod, copyFile, mkdir, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { NotServed } from '../../served.ts';
import type { Attack, Scene } from '../attack.ts';
import { callApi, member } from '../calls.ts';
import { sendLetter } from '../smtp-caller.ts';

/** Long enough for a start, too short for a hang. */
const START = 15_000;

/** The scene where it listens; a sentence where it does not and does not say why. `named`: what a refusal has to name. */
async function startOr(scene: Scene, what: string, named: RegExp): Promise<Scene | string | null> {
  try {
    return await scene.start(START);
  } catch (error) {
    if (!(error instanceof NotServed)) throw error;
    if (error.status === null) return `${what}: it neither starts nor says why within ${START / 1000} s`;
    const sentence = error.said.trim();
    return named.test(sentence) && !/\n\s+at |\bE[A-Z]{4,}\b.*\bE[A-Z]{4,}\b/.test(sentence)
      ? null
      : `${what}: it ends with ${JSON.stringify(sentence.slice(0, 160))}`;
  }
}

async function withEdit(scene: Scene): Promise<void> {
  const { body } = await callApi(scene.ready.url, 'GET', 'world');
  const world = member(body, 'world');
  const edited = { ...(typeof world === 'object' ? world : {}), name: 'mine' };
  await callApi(scene.ready.url, 'PUT', 'world', { world: edited, what: 'Renamed.' });
}

export const START_ATTACKS: readonly Attack[] = [
  {
    name: 'torn-world',
    entry: 8,
    sentence: 'world.json is cut in half, empty, or a folder when the server starts.',
    async examine(scene) {
      const broken: string[] = [];
      await withEdit(scene);
      await scene.stop('SIGTERM');
      const file = path.join(scene.data, 'world.json');
      const kept = `${file}.kept`;
      await copyFile(file, kept);
      const damages: readonly (readonly [string, () => Promise<void>])[] = [
        ['cut in half', async () => truncate(file, Math.floor((await stat(file)).size / 2))],
        ['empty', () => truncate(file, 0)],
        ['a folder', () => rm(file).then(() => mkdir(file))],
      ];
      for (const [what, damage] of damages) {
        await rm(file, { recursive: true, force: true });
        await copyFile(kept, file);
        await damage();
        const again = await startOr(scene, `world.json ${what}`, /world\.json/);
        if (typeof again === 'string') broken.push(again);
        else if (again !== null) {
          const aside = (await readdir(scene.data)).some(
            name => name.startsWith('world.json') && name.includes('unreadable'),
          );
          if (!/world\.json/.test(again.served.said())) broken.push(`world.json ${what}: the start says nothing of it`);
          if (!aside) broken.push(`world.json ${what}: it is not put aside`);
          await again.stop('SIGTERM');
        }
      }
      await rm(file, { recursive: true, force: true });
      await copyFile(kept, file);
      await scene.start();
      return broken;
    },
  },
  {
    name: 'foreign-lock',
    entry: 11,
    sentence: 'The lock of the data folder names a living process that is no mailscope.',
    async examine(scene) {
      await scene.stop('SIGKILL');
      const stranger = spawn('sleep', ['30'], { stdio: 'ignore' });
      await writeFile(path.join(scene.data, 'lock'), `${stranger.pid}\n`);
      const again = await startOr(scene, 'a foreign lock', /^$/);
      stranger.kill('SIGKILL');
      if (typeof again !== 'string') return [];
      await rm(path.join(scene.data, 'lock'), { force: true });
      await scene.start();
      return [again];
    },
  },
  {
    name: 'odd-files',
    entry: 11,
    sentence: 'A folder or a FIFO stands in the queue, or where the world or the trace should be.',
    async examine(scene) {
      const broken: string[] = [];
      await scene.stop('SIGTERM');
      const queue = path.join('queue', 'smtp.blue.example');
      const oddities: readonly (readonly [string, 'folder' | 'fifo'])[] = [
        [path.join(queue, '7F3A.letter'), 'folder'],
        [path.join(queue, '7F3B.letter'), 'fifo'],
        ['world.json', 'fifo'],
        ['current.trace.ndjson', 'fifo'],
      ];
      for (const [name, kind] of oddities) {
        const file = path.join(scene.data, name);
        await rm(file, { recursive: true, force: true });
        if (kind === 'folder') await mkdir(file, { recursive: true });
        else execFileSync('mkfifo', [file]);
        const again = await startOr(
          scene,
          `${name} is a ${kind}`,
          new RegExp(path.basename(name).replaceAll('.', '\\.')),
        );
        if (typeof again === 'string') broken.push(again);
        else if (again !== null) await again.stop('SIGTERM');
        await rm(file, { recursive: true, force: true });
        await rm(path.join(scene.data, 'lock'), { force: true });
      }
      await scene.start();
      return broken;
    },
  },
  {
    name: 'loose-modes',
    entry: 12,
    sentence: 'The queue’s folders are 755 and its letters 644 in a data folder that is there already.',
    async examine(scene) {
      await callApi(scene.ready.url, 'POST', 'faults', {
        kind: 'host-off',
        host: 'mail.blue.example',
        times: 'always',
      });
      const [alice] = scene.ready.users;
      await sendLetter(
        scene.ready.submission.port,
        'alice@blue.example',
        'alice@blue.example',
        'Subject: x\r\n\r\nx',
        alice,
      );
      await scene.stop('SIGTERM');
      const folder = path.join(scene.data, 'queue', 'smtp.blue.example');
      for (const each of [path.dirname(folder), folder]) await chmod(each, 0o755);
      for (const name of await readdir(folder)) await chmod(path.join(folder, name), 0o644);
      await scene.start();
      const broken: string[] = [];
      for (const name of ['.', ...(await readdir(folder))]) {
        const { mode } = await stat(path.join(folder, name));
        if ((mode & 0o077) !== 0) broken.push(`queue/smtp.blue.example/${name} is ${(mode & 0o777).toString(8)}`);
      }
      return broken;
    },
  },
];

/** What is in the folder's newest trace. */
export const traceIn = (data: string): Promise<string> =>
  readFile(path.join(data, 'current.trace.ndjson'), 'utf8').catch(() => '');
