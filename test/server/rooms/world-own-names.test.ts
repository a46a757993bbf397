/** What a world knows of itself is asked and said in the world, however it is written and whichever DNS server of the machine is used. */
import { describe, expect, test } from 'vitest';
import type { Exchange } from '../../../server/mail-client/stranger.ts';
import { dnsServerFor } from '../../../server/rooms/outside.ts';
import { openRoom } from '../../../server/rooms/room.ts';
import { blueAndGreen } from '../../../shared/world/presets.ts';

const codesOf = (exchanges: readonly Exchange[]): string[] =>
  exchanges.map(({ answered }) => answered?.slice(0, 3) ?? '');
const REAL = { address: '127.0.0.1', port: 5353 };

describe('with a real DNS server beside the world', () => {
  const ask = dnsServerFor(() => blueAndGreen, REAL);
  const world = { address: '203.0.113.53', port: 53 };
  test.each(['green.example', 'mx1.green.example', 'GREEN.example', 'no-such-host.blue.example', 'ns.root.example'])(
    'the world is asked about %s',
    name => expect(ask(name)).toEqual(world),
  );
  test.each(['real.example', 'evergreen.example', 'example', 'green.example.test', '1.0.0.127.in-addr.arpa'])(
    'the real server is asked about %s',
    name => expect(ask(name)).toEqual({ address: REAL.address, port: 53 }),
  );
  test('without one, the world is asked about everything, at the address that it has now', () => {
    let now = blueAndGreen;
    const alone = dnsServerFor(() => now, null);
    expect(alone('real.example')).toEqual(world);
    const hosts = now.hosts.map(host =>
      host.id === now.dns ? { ...host, addresses: ['203.0.113.54'] as const } : host,
    );
    now = { ...now, hosts };
    expect(alone('real.example').address).toBe('203.0.113.54');
  });
});

describe('every quoted form of a local part is the same mailbox (RFC 5321 §4.1.2)', () => {
  test('at 587 and 25, in MAIL, in RCPT and as a user name', async () => {
    const room = await openRoom({ world: blueAndGreen, data: null, ports: null });
    try {
      const submitted = await room.call('smtp.blue.example', 587, {
        login: { user: '"al\\ice"@blue.example', password: 'alice-wonder-7' },
        mailFrom: '"alice"@blue.example',
        rcptTo: ['"b\\ob"@green.example'],
      });
      expect(codesOf(submitted ?? [])).toEqual(['220', '250', '235', '250', '250', '221']);
      const handedOver = await room.call('mx1.green.example', 25, {
        mailFrom: '"x\\y"@elsewhere.example',
        rcptTo: ['"bob"@green.example', '"b\\ob"@green.example', '"bob "@green.example'],
        data: 'Subject: quoted\r\n\r\nHello\r\n',
      });
      expect(codesOf(handedOver ?? [])).toEqual(['220', '250', '250', '250', '250', '550', '354', '250', '221']);
      expect(room.recorder.events(1).filter(({ kind }) => kind === 'mail.stored')).toMatchObject([
        { mailbox: 'bob@green.example', recipients: ['bob@green.example'], reversePath: 'xy@elsewhere.example' },
      ]);
    } finally {
      await room.close();
    }
  });
});
