/** An attack by filling the disk. */
import { open, rm } from 'node:fs/promises';
import path from 'node:path';
import type { Attack, Scene } from '../attack.ts';
import { callApi, member } from '../calls.ts';
import { sendLetter } from '../smtp-caller.ts';
import { until } from '../until.ts';
import { traceIn } from './starts.ts';

/** Large ones first, so that it is quick; then to the last page. */
const SLICES = [1_048_576, 4096, 1].map(octets => Buffer.alloc(octets, 'x'));

/** Writes until there is no room. */
export async function fillDisk(file: string): Promise<void> {
  const handle = await open(file, 'a');
  for (const slice of SLICES) {
    let room = true;
    while (room) {
      room = await handle.write(slice).then(
        ({ bytesWritten }) => bytesWritten === slice.length,
        // It is full.
        () => false,
      );
    }
  }
  await handle.close();
}

const letter = (name: string): string =>
  `From: <alice@blue.example>\r\nTo: <bob@green.example>\r\nSubject: ${name}\r\nMessage-ID: <${name}@blue.example>\r\n\r\n${'x'.repeat(70)}\r\n`;

async function rename(scene: Scene, name: string): Promise<number> {
  const { body } = await callApi(scene.ready.url, 'GET', 'world');
  const world = member(body, 'world');
  const edit = { world: { ...(typeof world === 'object' ? world : {}), name }, what: 'Renamed.' };
  return (await callApi(scene.ready.url, 'PUT', 'world', edit)).status;
}

const nameOf = async ({ ready }: Scene): Promise<unknown> =>
  member(member((await callApi(ready.url, 'GET', 'world')).body, 'world'), 'name');

async function submit({ ready }: Scene, name: string): Promise<string> {
  return sendLetter(ready.submission.port, 'alice@blue.example', 'bob@green.example', letter(name), ready.users[0]);
}

export const DISK_ATTACKS: readonly Attack[] = [
  {
    name: 'disk-full',
    entry: 7,
    sentence: 'The disk is full for a while; letters are sent and the world is edited meanwhile and afterwards.',
    disk: 8 * 1024 * 1024,
    async examine(scene) {
      const broken: string[] = [];
      const ballast = path.join(scene.data, 'ballast');
      await fillDisk(ballast);
      const meanwhile: string[] = [];
      for (let nth = 0; nth < 4; nth += 1)
        if ((await submit(scene, `full-${nth}`)).startsWith('250')) meanwhile.push(`full-${nth}`);
      await fillDisk(ballast);
      const edited = await rename(scene, 'while it was full');
      await rm(ballast);
      if (!scene.served.alive()) return ['the process ended when the disk was full'];
      const accepted = await until(async () => (await submit(scene, 'afterwards')).startsWith('250'), 15_000);
      if (!accepted) broken.push('no letter is accepted once there is room again');
      const recorded = await until(async () => (await traceIn(scene.data)).includes('<afterwards@blue.example>'), 8000);
      if (!recorded) broken.push('the trace is given up for good: nothing is written once there is room again');
      if (!/trace|disk|ENOSPC/i.test(scene.served.said())) broken.push('nothing is said on stderr of a full disk');
      await scene.stop('SIGTERM');
      const again = await scene.start();
      if (edited === 200 && (await nameOf(again)) !== 'while it was full')
        broken.push('an edit of the world was answered with 200 and is gone after a restart');
      const trace = await (await fetch(`${again.ready.url}api/trace`)).text();
      for (const name of [...meanwhile, 'afterwards'])
        if (accepted && !trace.includes(`<${name}@blue.example>`))
          broken.push(`the trace after a restart knows nothing of the letter ${name}`);
      return broken;
    },
  },
];
