/** A world under a person's hands: every edit leaves a world that runs, its zone fits, and a mistake is told in plain words. */
import { describe, expect, test } from 'vitest';
import {
  addBackupMx,
  addDomain,
  addHost,
  type EditableWorld,
  type Edited,
  removeDomain,
  removeHost,
  removeRecord,
  setRecord,
} from '../../shared/world/edit.ts';
import { addAlias, addForwarder, addList, addUser, removeUser } from '../../shared/world/people.ts';
import { blueAndGreen } from '../../shared/world/presets.ts';
import { recordFrom, recordText } from '../../shared/world/records.ts';
import { remarks } from '../../shared/world/remarks.ts';
import { validateWorld } from '../../shared/world/validate.ts';
import { MOST_DOMAINS, MOST_HOSTS, residents, type ZoneRecord } from '../../shared/world/world.ts';

function made(edited: Edited): EditableWorld {
  if (!edited.ok) throw new Error(edited.message);
  return edited.world;
}
const refusal = (edited: Edited): string => (edited.ok ? 'it was done' : edited.message);
const texts = (world: EditableWorld, zone: string): readonly string[] =>
  world.zones.find(({ name }) => name === zone)?.records.map(recordText) ?? [];
const words = (world: EditableWorld): readonly string[] => remarks(world).map(({ message }) => message);
const typed = (name: string, type: ZoneRecord['type'], value: string, preference = 10): ZoneRecord =>
  recordFrom({ name, type, ttl: 3600, preference, value });

describe('what is added', () => {
  test('the world that comes with mailscope has nothing to remark', () => {
    expect(remarks(blueAndGreen)).toEqual([]);
  });

  test('a domain comes with a server, an address that nobody has, MX, A, PTR, and runs', () => {
    const world = made(addDomain(blueAndGreen, 'Red.example.'));
    expect(texts(world, 'red.example')).toEqual([
      'red.example NS ns.root.example',
      'mail.red.example A 203.0.113.25',
      'red.example MX 10 mail.red.example',
    ]);
    expect(texts(world, '113.0.203.in-addr.arpa')).toContain('25.113.0.203.in-addr.arpa PTR mail.red.example');
    expect(validateWorld(world)).toMatchObject({ ok: true });
    expect(remarks(world)).toEqual([]);
  });

  test('a person comes with a mail client of their own and a password', () => {
    const world = made(addUser(blueAndGreen, 'Carol', 'carol@green.example'));
    expect(world.users.at(-1)).toMatchObject({ client: 'carols-laptop.green.example', password: expect.any(String) });
    expect(world.hosts.at(-1)).toMatchObject({
      kind: 'client',
      label: 'Carol’s mail client',
      addresses: ['198.51.100.102'],
    });
    expect(validateWorld(world)).toMatchObject({ ok: true });
  });

  test('a backup MX is the least preferred of all, and a second one still less', () => {
    const world = made(addBackupMx(made(addBackupMx(blueAndGreen, 'green.example')), 'green.example'));
    expect(texts(world, 'green.example').slice(-3)).toEqual([
      'green.example MX 30 mx3.green.example',
      'mx4.green.example A 198.51.100.28',
      'green.example MX 40 mx4.green.example',
    ]);
    expect(world.domains[1]?.exchangers).toEqual(['mx1', 'mx2', 'mx3', 'mx4'].map(host => `${host}.green.example`));
    expect(validateWorld(world)).toMatchObject({ ok: true });
  });

  test('an alias, a list and a forwarder of its own domain', () => {
    const alias = made(addAlias(blueAndGreen, 'sales@green.example', ['bob@green.example', 'alice@blue.example']));
    const list = made(addList(alias, 'lunch@green.example', 'Lunch club', ['alice@blue.example']));
    const world = made(addForwarder(list, 'bob@alumni.example', ['bob@green.example']));
    expect(world.lists[0]?.owner).toBe('bob@green.example');
    expect(world.hosts.at(-1)).toMatchObject({ id: 'mail.alumni.example', label: 'Forwarder' });
    expect(world.aliases.at(-1)).toEqual({ address: 'bob@alumni.example', targets: ['bob@green.example'] });
    expect(validateWorld(world)).toMatchObject({ ok: true });
    expect(remarks(world)).toEqual([]);
  });

  test('what is full or taken is said in a sentence, and the world stays', () => {
    let world: EditableWorld = blueAndGreen;
    for (let number = 3; number <= MOST_DOMAINS; number += 1) world = made(addDomain(world, `d${number}.example`));
    expect(refusal(addDomain(world, 'one-more.example'))).toMatch(/6 domains.*no room for more/);
    while (residents(world).length < MOST_HOSTS)
      world = made(addHost(world, { stem: 'extra', domain: 'd3.example', label: 'Extra', services: [] }));
    expect(refusal(addBackupMx(world, 'blue.example'))).toMatch(/20 hosts.*remove one first/);
    expect(validateWorld(world)).toMatchObject({ ok: true });
    expect(new Set(world.hosts.flatMap(({ addresses }) => addresses)).size).toBe(world.hosts.length);
    expect(refusal(addDomain(blueAndGreen, 'gmail.com'))).toMatch(/ends in \.example or \.test/);
    expect(refusal(addDomain(blueAndGreen, 'blue.example'))).toMatch(/already/);
    expect(refusal(addUser(blueAndGreen, 'Bob', 'bob@green.example'))).toBe('bob@green.example is a person already.');
    expect(refusal(addAlias(blueAndGreen, 'x@nowhere.example', ['bob@green.example']))).toMatch(/no domain nowhere/);
  });
});

describe('what is removed', () => {
  test('a host goes with its records, its exchange and the faults that waited there', () => {
    const faulty: EditableWorld = {
      ...blueAndGreen,
      faults: [{ id: 'f1', times: 'next', kind: 'host-off', host: 'mx2.green.example' }],
    };
    const world = made(removeHost(faulty, 'mx2.green.example'));
    expect(JSON.stringify(world)).not.toContain('mx2.green.example');
    expect(world.faults).toEqual([]);
    expect(validateWorld(world)).toMatchObject({ ok: true });
  });

  test('a host that something hangs on stays, and says what', () => {
    expect(refusal(removeHost(blueAndGreen, 'ns.root.example'))).toMatch(/one DNS server/);
    expect(refusal(removeHost(blueAndGreen, 'pop.green.example'))).toMatch(/keeps its mailboxes on/);
    expect(refusal(removeHost(blueAndGreen, 'bobs-laptop.green.example'))).toMatch(/Bob’s mail client/);
  });

  test('a person goes with their mail client, a domain with everything in it', () => {
    const alone = made(removeUser(blueAndGreen, 'bob@green.example'));
    expect(alone.hosts.some(({ id }) => id === 'bobs-laptop.green.example')).toBe(false);
    const world = made(removeDomain(blueAndGreen, 'green.example'));
    expect(JSON.stringify(world.hosts)).not.toContain('green.example');
    expect(world.users.map(({ name }) => name)).toEqual(['Alice']);
    expect(validateWorld(world)).toMatchObject({ ok: true });
    expect(refusal(removeDomain(world, 'blue.example'))).toMatch(/at least one domain/);
  });
});

describe('records', () => {
  const at = (text: string): number => texts(blueAndGreen, 'green.example').indexOf(text);

  test('a change of preference is a change of one record, and the zone says so by its serial', () => {
    const place = at('green.example MX 20 mx2.green.example');
    const world = made(
      setRecord(blueAndGreen, 'green.example', place, typed('green.example', 'MX', 'mx2.green.example.', 5)),
    );
    expect(texts(world, 'green.example')[place]).toBe('green.example MX 5 mx2.green.example');
    expect(world.zones[1]?.soa.serial).toBe((blueAndGreen.zones[1]?.soa.serial ?? 0) + 1);
  });

  test.each([
    [typed('green.example', 'MX', '198.51.100.25'), /MX must name a host, not an address/],
    [typed('mail.green.example', 'A', 'mx1.green.example'), /an IPv4 address such as/],
    [typed('mail.green.example', 'A', '198.51.100.256'), /an IPv4 address such as/],
    [typed('mail.green.example', 'AAAA', '192.0.2.1'), /an IPv6 address such as/],
    [typed('green.example', 'MX', 'mx1.green.example', 70_000), /from 0 to 65535/],
    [typed('mail.blue.example', 'A', '192.0.2.25'), /not in the zone green.example/],
    [typed('', 'A', '192.0.2.25'), /needs a name/],
    [typed('mx1.green.example', 'CNAME', 'mx2.green.example'), /no other record can stand beside a CNAME/],
    [typed('mx1.green.example', 'A', '198.51.100.25'), /stands in the zone already/],
    [typed('green.example', 'TXT', ''), /needs a text/],
  ] as const)('%o cannot be', (record, reason) => {
    expect(refusal(setRecord(blueAndGreen, 'green.example', null, record))).toMatch(reason);
  });

  test('two CNAMEs of one name, or anything beside one, cannot be', () => {
    const world = made(
      setRecord(blueAndGreen, 'green.example', null, typed('www.green.example', 'CNAME', 'mx1.green.example')),
    );
    expect(
      refusal(setRecord(world, 'green.example', null, typed('www.green.example', 'CNAME', 'mx2.green.example'))),
    ).toMatch(/Two CNAMEs/);
    expect(refusal(setRecord(world, 'green.example', null, typed('www.green.example', 'A', '198.51.100.25')))).toMatch(
      /is a CNAME/,
    );
  });

  test('an MX to nowhere, to a stranger, to a CNAME or to nobody at all is possible, and remarked', () => {
    const withMx = (exchange: string): EditableWorld =>
      made(setRecord(blueAndGreen, 'green.example', null, typed('green.example', 'MX', exchange, 30)));
    expect(words(withMx('mx9.green.example'))).toEqual([
      'There is no host mx9.green.example in this world: letters will find nobody.',
    ]);
    expect(words(withMx('mail.blue.example'))[0]).toMatch(/does not take mail for green.example/);
    expect(words(withMx('.')).join()).toMatch(/takes no mail/);
    const aliased = made(
      setRecord(
        withMx('www.green.example'),
        'green.example',
        null,
        typed('www.green.example', 'CNAME', 'mx1.green.example'),
      ),
    );
    expect(words(aliased)).toEqual(['www.green.example is a CNAME, and an MX must name a host by its own name.']);
  });

  test('without MX the letters find nobody, and a removed address is missed', () => {
    let world = made(removeRecord(blueAndGreen, 'green.example', at('green.example MX 20 mx2.green.example')));
    expect(words(world)).toEqual([
      'mx2.green.example takes mail for green.example, but no MX names it: nobody will come.',
    ]);
    world = made(removeRecord(world, 'green.example', at('green.example MX 10 mx1.green.example')));
    expect(words(world)).toEqual(['green.example has neither MX nor address: letters to it find nobody.']);
    const lost = made(removeRecord(blueAndGreen, 'green.example', at('mx1.green.example A 198.51.100.25')));
    expect(words(lost)).toContain('mx1.green.example has no A record: letters will not find the way to it.');
  });

  test('a text longer than 255 characters is cut into strings as DNS wants them', () => {
    expect(typed('green.example', 'TXT', 'x'.repeat(300))).toMatchObject({ data: ['x'.repeat(255), 'x'.repeat(45)] });
  });
});
