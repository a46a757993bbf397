/** Attacks by one letter. */
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import type { Attack, Scene } from '../attack.ts';
import { callApi, member } from '../calls.ts';
import { sendLetter } from '../smtp-caller.ts';
import { until } from '../until.ts';

const BOB = 'bob@green.example';
const ALICE = 'alice@blue.example';

/** As many characters in one line, or folded (RFC 5322 §2.2.3). */
const longMessageId = (characters: number, folded = false): string => {
  const pieces = Array.from({ length: Math.ceil(characters / 900) }, () => 'x'.repeat(900));
  return `<${pieces.join(folded ? '\r\n ' : '')}@attacker.example>`;
};

const letterWith = (messageId: string): string =>
  `From: <stranger@attacker.example>\r\nTo: <${BOB}>\r\nSubject: Hello\r\nMessage-ID: ${messageId}\r\n\r\nHello.`;

/** Sentences about traces that were put aside at a start. */
async function damagedTraces({ data }: Pick<Scene, 'data'>): Promise<readonly string[]> {
  const names = await readdir(path.join(data, 'traces')).catch(() => []);
  return names
    .filter(name => name.includes('damaged'))
    .map(name => `its own trace was put aside at the start: traces/${name}`);
}

export const LETTER_ATTACKS: readonly Attack[] = [
  {
    name: 'long-message-id',
    entry: 1,
    sentence: 'Letters whose Message-ID has 70,000 characters, at port 25, by submission and by the API.',
    async assail({ ready }, _stopped, hold) {
      const letter = letterWith(longMessageId(70_000));
      const folded = letterWith(longMessageId(70_000, true));
      const stranger = await sendLetter(ready.smtp.port, 'stranger@attacker.example', BOB, folded);
      const submitted = await sendLetter(ready.submission.port, ALICE, BOB, letter, ready.users[0]);
      const call = { server: 'mx1.green.example', port: 25, mailFrom: ALICE, rcptTo: [BOB], data: letter };
      const { status } = await callApi(ready.url, 'POST', 'strangers', call);
      await new Promise(rest => setTimeout(rest, 3000));
      hold({ stranger, submitted, api: status });
    },
    async examine(scene) {
      await scene.stop('SIGTERM');
      return damagedTraces(await scene.start());
    },
  },
  {
    name: 'queued-message-id',
    entry: 2,
    sentence:
      'A Message-ID of 1.1 million characters is submitted to a queue that cannot deliver, and the server restarts.',
    async assail({ ready }, _stopped, hold) {
      await callApi(ready.url, 'POST', 'faults', { kind: 'host-off', host: 'mail.blue.example', times: 'always' });
      const answer = await sendLetter(
        ready.submission.port,
        ALICE,
        ALICE,
        letterWith(longMessageId(1_100_000)),
        ready.users[0],
      );
      hold({ answer });
    },
    async examine(scene) {
      const again = await restarted(scene);
      if (!String(scene.found.answer).startsWith('250')) return [];
      const { body } = await callApi(again.ready.url, 'GET', 'queue');
      const entries = member(body, 'entries');
      const waits = Array.isArray(entries) && entries.some(entry => String(member(entry, 'pending')).includes(ALICE));
      return waits ? [] : ['the letter was accepted with 250, and after a restart it is in no queue'];
    },
  },
  {
    name: 'many-fields',
    entry: 3,
    sentence: 'Letters with a header of 262,144 fields (1 MB) and of 2.4 million (9.5 MB).',
    slowest: 500,
    async assail({ ready }, _stopped, hold) {
      const answers: string[] = [];
      for (const fields of [262_144, 2_400_000])
        answers.push(await sendLetter(ready.smtp.port, 'stranger@attacker.example', BOB, 'a:\r\n'.repeat(fields)));
      hold({ answers: answers.join(' | ') });
    },
    async examine({ found }) {
      const refused = String(found.answers)
        .split(' | ')
        .every(each => /^55[24]/.test(each));
      return refused ? [] : [`such letters are not refused: ${String(found.answers)}`];
    },
  },
];

async function restarted(scene: Scene): Promise<Scene> {
  await scene.stop('SIGKILL');
  const again = await scene.start();
  await until(async () => (await callApi(again.ready.url, 'GET', 'queue')).status === 200, 5000);
  return again;
}
