/** What runs in a room follows its world: each thing that an edit brings is opened once, and nothing keeps an address of the world before. */
import { createSocket } from 'node:dgram';
import { connect } from 'node:net';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createInTurn } from '../../../server/rooms/running/in-turn.ts';
import { blueAndGreen } from '../../../shared/world/presets.ts';
import { validateWorld } from '../../../shared/world/validate.ts';
import type { World } from '../../../shared/world/world.ts';
import { ALICE, openStage, type Stage } from '../../fixtures/scenario.ts';

const opened = vi.hoisted(() => [] as string[]);
vi.mock('../../../server/mailbox/maildir.ts', async original => {
  const real = await original<typeof import('../../../server/mailbox/maildir.ts')>();
  return {
    ...real,
    openMaildir: (...args: Parameters<typeof real.openMaildir>) => {
      opened.push(`maildir ${args[0]}`);
      return real.openMaildir(...args);
    },
  };
});
vi.mock('../../../server/mailbox/delivery.ts', async original => {
  const real = await original<typeof import('../../../server/mailbox/delivery.ts')>();
  return {
    ...real,
    openInbox: (...args: Parameters<typeof real.openInbox>) => {
      opened.push(`inbox ${args[0]}`);
      return real.openInbox(...args);
    },
  };
});

describe('a job in turn', () => {
  test('never runs twice at once, and whoever asks gets a run that began after the question', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(3), { maxLength: 20 }), async pauses => {
        let running = 0;
        let begun = 0;
        const job = createInTurn(async () => {
          running += 1;
          begun += 1;
          expect(running).toBe(1);
          await Promise.resolve();
          await Promise.resolve();
          running -= 1;
        });
        const asked: Promise<void>[] = [];
        for (const pause of pauses) {
          const before = begun;
          asked.push(job().then(() => expect(begun).toBeGreaterThan(before)));
          for (let turn = 0; turn < pause; turn += 1) await Promise.resolve();
        }
        await Promise.all(asked);
        expect(begun).toBeLessThanOrEqual(pauses.length);
      }),
    );
  });

  test('that fails is a failure for who asked for it, and the next one is done', async () => {
    let runs = 0;
    const job = createInTurn(async () => {
      runs += 1;
      if (runs === 1) throw new Error('no');
    });
    const first = job();
    await expect(first).rejects.toThrow('no');
    await job();
    expect(runs).toBe(2);
  });
});

/** A world with each name or address another one; throws where that is no world. */
function renamed(world: World, names: readonly (readonly [string, string])[]): World {
  const text = names.reduce((all, [before, after]) => all.replaceAll(before, after), JSON.stringify(world));
  const read = validateWorld(JSON.parse(text));
  if (!read.ok) throw new Error(`${read.path}: ${read.message}`);
  return read.world;
}

const DNS_MOVES = ['203.0.113.53', '203.0.113.54'] as const;
const ELSEWHERE = renamed(blueAndGreen, [
  ['blue.example', 'orange.example'],
  ['green.example', 'violet.example'],
  ['your-computer.example', 'my-computer.example'],
  ['203.0.113.77', '203.0.113.78'],
  ['192.0.2.10"', '192.0.2.11"'],
  ['198.51.100.25', '198.51.100.24'],
  DNS_MOVES,
]);

/** The first line that a server of this machine says; '' where it cannot be reached. */
const greetingAt = (port: number): Promise<string> =>
  new Promise(resolve => {
    const socket = connect(port, '127.0.0.1');
    socket.once('error', () => resolve(''));
    socket.once('data', chunk => {
      resolve(chunk.toString('latin1').trim());
      socket.destroy();
    });
  });

/** Whether the DNS server at the port answers a question over UDP before world time has gone on. */
async function answersAt(port: number): Promise<boolean> {
  const socket = createSocket('udp4');
  // ID 7, one question: the A of ns.root.example.
  const question = Buffer.from('00070000000100000000000002' + '6e7304726f6f74076578616d706c650000010001', 'hex');
  const answer = new Promise<boolean>(resolve => {
    socket.once('message', () => resolve(true));
    socket.once('error', () => resolve(false));
  });
  socket.connect(port, '127.0.0.1', () => socket.send(question));
  try {
    return await answer;
  } finally {
    socket.close();
  }
}

describe('a world that is edited', () => {
  let stage: Stage;
  beforeEach(async () => {
    stage = await openStage();
  });
  afterEach(() => stage.close());

  test('opens the mailbox and the outbox of a new user once, though everybody follows it', async () => {
    opened.length = 0;
    const dora = { address: 'dora@blue.example', name: 'Dora', password: 'pw', client: 'alices-laptop.blue.example' };
    const change = stage.room.change(
      { ...stage.room.world, users: [...stage.room.world.users, dora] },
      { code: 'person-added', name: dora.name, address: dora.address },
    );
    await Promise.all([change, stage.room.follow(), stage.room.follow()]);
    expect(opened.filter(each => each.startsWith('maildir'))).toEqual([expect.stringContaining('dora@blue.example')]);
    expect(opened.filter(each => each.startsWith('inbox'))).toEqual([expect.stringContaining('dora@blue.example')]);
  });

  test('is asked of its DNS server where that is now', async () => {
    await stage.edit(world => renamed(world, [DNS_MOVES]));
    const from = stage.room.recorder.length + 1;
    await stage.send({});
    const asked = stage.room.recorder
      .events(from)
      .flatMap(event => (event.kind === 'udp.datagram' && event.to.port === 53 ? [event.to.address] : []));
    expect(new Set(asked)).toEqual(new Set([DNS_MOVES[1]]));
  });

  test('writes to senders in the name that the domain has now', async () => {
    await stage.edit(world => {
      const [blue, ...others] = world.domains;
      return blue === undefined ? world : { ...world, domains: [{ ...blue, name: 'azure.example' }, blue, ...others] };
    });
    await stage.send({ to: ['nobody@green.example'] });
    await stage.room.collect(ALICE);
    expect((await stage.inbox(ALICE)).join('')).toMatch(/^From: .*<MAILER-DAEMON@azure\.example>/m);
  });
});

describe('a world file that is opened', () => {
  let stage: Stage;
  beforeEach(async () => {
    stage = await openStage();
    await stage.room.change(ELSEWHERE, { code: 'opened', name: 'elsewhere.json' });
  });
  afterEach(() => stage.close());

  test('has its letters sent, with its own hosts alone', async () => {
    const from = stage.room.recorder.length + 1;
    await stage.send({ from: ALICE.replace('blue', 'orange'), to: ['bob@violet.example'] });
    expect(stage.protocol(from)).toContain('[stored bob@violet.example]');
    const known = new Set(stage.room.world.hosts.map(({ id }) => id));
    const seen = stage.room.recorder
      .events(from)
      .flatMap(event =>
        event.kind === 'tcp.opened' || event.kind === 'udp.datagram' ? [event.from.host, event.to.host] : [],
      );
    expect(seen.filter(host => !known.has(host))).toEqual([]);
    expect(seen).toContain('smtp.orange.example');
  });

  test('is called by a stranger from its own visitor', async () => {
    const said = await stage.room.call('mx1.violet.example', 25, {
      mailFrom: 'eve@elsewhere.example',
      rcptTo: ['bob@violet.example'],
    });
    expect(said?.[0]?.answered).toMatch(/^220 mx1\.violet\.example /);
    const calls = stage.room.recorder
      .events(1)
      .flatMap(event => (event.kind === 'tcp.opened' ? [`${event.from.host} ${event.from.address}`] : []));
    expect(calls).toEqual(['my-computer.example 203.0.113.78']);
  });

  test('is what programs of this machine find at the ports', async () => {
    const { published } = stage.room;
    if (published === null) throw new Error('the room was asked to publish its servers');
    expect(await greetingAt(published.submission.port)).toMatch(/^220 smtp\.orange\.example /);
    expect(await greetingAt(published.smtp.port)).toMatch(/^220 mx1\.violet\.example /);
    expect(await greetingAt(published.pop3.port)).toMatch(/^\+OK pop\.violet\.example /);
    expect(await answersAt(published.dns.port)).toBe(true);
  });
});

describe('a published port', () => {
  let stage: Stage;
  beforeEach(async () => {
    stage = await openStage();
  });
  afterEach(() => stage.close());

  test('of DNS answers again once its host has power again', async () => {
    const { published } = stage.room;
    if (published === null) throw new Error('the room was asked to publish its servers');
    await stage.fault({ kind: 'host-off', host: 'ns.root.example' });
    await stage.api('DELETE', '/api/faults');
    expect(await answersAt(published.dns.port)).toBe(true);
  });

  test('leads to the server that is offered now, also where the one before still runs', async () => {
    const { published } = stage.room;
    if (published === null) throw new Error('the room was asked to publish its servers');
    expect(await greetingAt(published.submission.port)).toMatch(/^220 smtp\.blue\.example /);
    await stage.edit(world => ({ ...world, domains: world.domains.toReversed() }));
    expect(await greetingAt(published.submission.port)).toMatch(/^220 smtp\.green\.example /);
  });
});
