/** A POP3 session through the wire: what was recorded reads back as what was said, and holds no password. */
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createWorldClock } from '../../../server/base/clock.ts';
import { noFaults } from '../../../server/base/faults.ts';
import { openMaildir } from '../../../server/mailbox/maildir.ts';
import { createMaildrop } from '../../../server/mailbox/maildrop.ts';
import { createNetwork } from '../../../server/network/network.ts';
import { collect } from '../../../server/pop3/client.ts';
import { startPop3Server } from '../../../server/pop3/server.ts';
import { Pop3Conversation, type Pop3Unit } from '../../../shared/decode/pop3.ts';
import { blueAndGreen } from '../../../shared/world/presets.ts';
import { openLoopback, temporaryFolder } from '../../help/loopback/pop3-loopback.ts';

test('the recorded octets of a session are its commands, replies and letters, in order, without the password', async () => {
  const [folder, remove] = await temporaryFolder();
  const { recorder, facts } = openLoopback();
  const clock = createWorldClock();
  const network = createNetwork({ world: () => blueAndGreen, recorder });
  const maildir = await openMaildir(join(folder, 'bob'), 'pop.green.example');
  const letter = 'Subject: dots\r\n\r\n.\r\n..\r\n';
  const file = await maildir.deliver(Buffer.from(letter));
  const drop = createMaildrop('bob@green.example', maildir);
  const server = await startPop3Server({
    network,
    host: 'pop.green.example',
    authenticate: (user, password) => (password === 'bob-builds-4' ? user : null),
    maildrop: () => drop,
    recorder,
    clock,
    faults: noFaults,
  });
  const { socket, connection } = await network.dial('bobs-laptop.green.example', {
    address: '198.51.100.110',
    port: 110,
  });
  const ended = new Promise(resolve => socket.once('close', resolve));
  const outcome = await collect({
    socket,
    user: 'bob@green.example',
    password: 'bob-builds-4',
    keep: () => Promise.resolve(),
    clock,
  });
  await ended;
  await server.close();
  await network.close();
  await remove();

  expect(outcome).toEqual({ kind: 'collected', messages: 1, left: [] });
  const conversation = new Pop3Conversation();
  const units: Pop3Unit[] = [];
  let wire = '';
  for (const fact of facts) {
    if (fact.kind !== 'wire.bytes') continue;
    wire += Buffer.from(fact.bytes).toString('latin1');
    units.push(...conversation.push(fact.from, fact.bytes));
  }
  expect(
    [...units, ...conversation.end()].map(
      unit => `${unit.kind} ${'verb' in unit ? unit.verb : 'to' in unit ? unit.to : ''}`,
    ),
  ).toEqual(
    ['', 'USER', 'PASS', 'STAT', 'UIDL', 'RETR', 'DELE', 'QUIT'].flatMap(verb => [
      ...(verb === '' ? [] : [`command ${verb}`]),
      `reply ${verb}`,
      ...(verb === 'RETR' ? ['message RETR'] : []),
    ]),
  );
  const message = units.find(unit => unit.kind === 'message');
  expect(message && Buffer.from(message.message).toString('latin1')).toBe(letter);
  expect(wire).not.toContain('bob-builds-4');
  expect(facts.filter(({ kind }) => kind.startsWith('mailbox.'))).toEqual([
    { kind: 'mailbox.locked', host: 'pop.green.example', mailbox: 'bob@green.example', messages: 1, connection },
    { kind: 'mailbox.removed', host: 'pop.green.example', mailbox: 'bob@green.example', file, connection },
    { kind: 'mailbox.unlocked', host: 'pop.green.example', mailbox: 'bob@green.example', connection },
  ]);
});
