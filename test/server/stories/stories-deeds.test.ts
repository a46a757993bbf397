/** The grammar of deeds: everything that can be done is said in a sentence or a short table, and everybody has a short name. */
import { describe, expect, test } from 'vitest';
import type { FaultWhat } from '../../../shared/faults/fault.ts';
import { recordText } from '../../../shared/world/records.ts';
import type { World } from '../../../shared/world/world.ts';
import { changing, doing, problems, story, storyWith } from '../../fixtures/stories.ts';

const worldAfter = (...deeds: readonly string[]): World =>
  story(storyWith(`${changing(...deeds)}\n${doing('send')}`)).world;
const wrong = (...deeds: readonly string[]): readonly string[] =>
  problems(storyWith(doing(...deeds))).map(problem => problem.replace(/^\d+: /, ''));
const faultAfter = (deed: string): FaultWhat | undefined => {
  const [fault] = worldAfter(deed).faults;
  if (fault === undefined) return undefined;
  const { id: _id, times: _times, ...what } = fault;
  return what;
};
const records = (world: World, name = 'green.example', type = 'MX'): readonly string[] =>
  world.zones.flatMap(zone => zone.records.filter(each => each.name === name && each.type === type).map(recordText));

const MX1 = 'mx1.green.example';

describe('what goes wrong', () => {
  test.each<readonly [string, FaultWhat]>([
    ['turn mx1 off', { kind: 'host-off', host: MX1 }],
    ['Turn smtp.blue off.', { kind: 'host-off', host: 'smtp.blue.example' }],
    ['make mx1 silent', { kind: 'host-silent', host: MX1 }],
    ['make mx1.green.example slow by 2 seconds', { kind: 'host-slow', host: MX1, milliseconds: 2000 }],
    ['make mx1 slow by 300 ms', { kind: 'host-slow', host: MX1, milliseconds: 300 }],
    ['make mx1 greylist for 5 minutes', { kind: 'greylist', host: MX1, seconds: 300 }],
    ['make mx1 refuse mail from blue', { kind: 'refuses-sender', host: MX1, sender: 'blue.example' }],
    ['make mx1 lack pipelining', { kind: 'lacks-extension', host: MX1, keyword: 'PIPELINING' }],
    ['fill the disk of mx1', { kind: 'disk-full', host: MX1 }],
    ['fill the mailbox of bob', { kind: 'mailbox-full', mailbox: 'bob@green.example' }],
    ['give alice a wrong password', { kind: 'wrong-password', user: 'alice@blue.example' }],
    [
      'fault: { kind: answer, at: RCPT at mx1, code: 451 }',
      { kind: 'answer', at: { server: MX1, port: 25, verb: 'RCPT' }, code: 451, text: '4.3.0 Try again later' },
    ],
    [
      'fault: { kind: answer, at: PASS at pop, text: Go away }',
      { kind: 'answer', at: { server: 'pop.green.example', port: 110, verb: 'PASS' }, code: 500, text: 'Go away' },
    ],
    [
      'fault: { kind: delay, at: { server: mx1, verb: MAIL, client: smtp.blue }, milliseconds: 5000 }',
      {
        kind: 'delay',
        at: { server: MX1, port: 25, verb: 'MAIL', client: 'smtp.blue.example' },
        milliseconds: 5000,
      },
    ],
    [
      'fault: { kind: cut, at: smtp.blue END-OF-DATA, octets: 40 }',
      { kind: 'cut', at: { server: 'smtp.blue.example', port: 587, verb: 'END-OF-DATA' }, octets: 40 },
    ],
    [
      'fault: { kind: slow-cable, between: [smtp.blue, mx1], latency: 200 }',
      { kind: 'slow-cable', between: ['smtp.blue.example', MX1], latency: 200, bytesPerSecond: 0 },
    ],
    [
      'fault: { kind: dns-answer, name: green, type: MX, rcode: SERVFAIL }',
      { kind: 'dns-answer', name: 'green.example', type: 'MX', rcode: 'SERVFAIL' },
    ],
    [
      'fault: { kind: dns-wrong-mx, name: green, exchange: mail.blue }',
      {
        kind: 'dns-wrong-mx',
        name: 'green.example',
        exchange: 'mail.blue.example',
      },
    ],
    [
      'fault: { kind: dns-ttl, name: green.example, seconds: 1 minute }',
      { kind: 'dns-ttl', name: 'green.example', seconds: 60 },
    ],
  ])('%s', (deed, fault) => {
    expect(faultAfter(deed)).toEqual(fault);
  });

  test('a fault strikes always, or next time only, and is cleared by kind, by host, or with all the others', () => {
    const set = ['turn mx1 off', 'turn mx2 off', 'fault: { kind: drop, at: RCPT at mx1, times: next }'];
    expect(worldAfter(...set).faults.map(({ times }) => times)).toEqual(['always', 'always', 'next']);
    expect(worldAfter(...set, 'clear: drop').faults.map(({ kind }) => kind)).toEqual(['host-off', 'host-off']);
    expect(worldAfter(...set, 'clear: mx1').faults).toEqual([expect.objectContaining({ host: 'mx2.green.example' })]);
    expect(worldAfter(...set, 'turn mx1 on').faults.map(({ kind }) => kind)).toEqual(['host-off', 'drop']);
    expect(worldAfter(...set, 'clear all faults').faults).toEqual([]);
    expect(worldAfter(...set, 'clear').faults).toEqual([]);
  });

  test.each([
    ['fault: { kind: fire }', /^there is no fault “fire”; the kinds are host-off, /],
    ['fault: { kind: greylist, host: mx1 }', /^“fault greylist” needs “seconds”\.$/],
    [
      'fault: { kind: disk-full, host: mx1, size: 3 }',
      /^“fault disk-full” knows no “size”; it knows kind, host, times\.$/,
    ],
    ['fault: { kind: answer, at: RCPT at mx1, code: 250 }', /^the fault’s code must be at least 400\.$/],
    ['fault: { kind: drop, at: mx1 }', /^a line is named by host and verb/],
    ['fault: { kind: drop, at: RCPT at mx1, times: 2 }', /^“times” is next, for once, or always\.$/],
    ['make mx1 slow by much', /^“much” is no time such as 5 seconds\.$/],
    ['turn mx1 on', /^mx1\.green\.example is on already\.$/],
    ['clear: drop', /^no fault “drop” is in force\.$/],
    ['clear: mx1', /^nothing is wrong with mx1\.green\.example\.$/],
    ['turn smtp off', /^“smtp” could be smtp\.blue\.example or smtp\.green\.example: write all of it\.$/],
  ])('%s: says why not', (deed, sentence) => {
    expect(wrong(deed)).toEqual([expect.stringMatching(sentence)]);
  });
});

describe('records', () => {
  test('are added and removed as a person writes them', () => {
    const world = worldAfter(
      'add record: green.example MX 5 mx3.green.example',
      'add record: mx3.green.example 300 A 198.51.100.30',
      'add record: "blue TXT \\"a: b\\""',
      'remove record: green.example MX 20 mx2.green.example',
    );
    expect(records(world)).toEqual(['green.example MX 10 mx1.green.example', 'green.example MX 5 mx3.green.example']);
    expect(world.zones.flatMap(zone => zone.records).find(({ name }) => name === 'mx3.green.example')?.ttl).toBe(300);
    expect(records(world, 'blue.example', 'TXT')).toContain('blue.example TXT a: b');
    expect(records(worldAfter('remove record: green MX'))).toEqual([]);
    expect(records(worldAfter('remove record: green MX mx1.green.example'))).toEqual([
      'green.example MX 20 mx2.green.example',
    ]);
    expect(records(worldAfter('remove record: green MX', 'add record: green MX 0 .'))).toEqual([
      'green.example MX 0 .',
    ]);
    expect(records(worldAfter('add record: "green MX 30 host-{1..40}.green.example"'))).toHaveLength(42);
    expect(worldAfter('remove zone: green').zones.some(({ name }) => name === 'green.example')).toBe(false);
  });

  test.each([
    ['add record: green.example', /^“green\.example” is no record such as /],
    ['add record: green.example MX', /^“green\.example MX” is no record such as /],
    ['add record: green.example A 1.2.3', /^an A record holds an IPv4 address/],
    ['add record: nowhere.org A 192.0.2.1', /^no zone of this world holds nowhere\.org\.$/],
    ['remove record: green.example CNAME', /^there is no record green\.example CNAME\.$/],
    ['remove record: green.example MX 10 mx9.green.example', /^there is no record green\.example MX 10 mx9/],
    ['remove zone: red', /^there is no zone red\.$/],
  ])('%s: says why not', (deed, sentence) => {
    expect(wrong(deed)).toEqual([expect.stringMatching(sentence)]);
  });
});

describe('people and places', () => {
  test('are added with all that belongs to them', () => {
    const world = worldAfter(
      'add domain: { name: red.example, person: Carol }',
      'add domain: pink.example',
      'add person: { name: Bert, domain: green, client: bobs-laptop }',
      'add person: { name: Dora, address: d@red.example }',
      'add alias: { address: sales@green, targets: [bob, dave@gone.example] }',
      'add list: { address: lunch@green.example, name: Lunch club, owner: bob, members: [alice, carol, d@red.example] }',
      'add forwarder: { address: me@old.example, targets: bob }',
      'add backup: red.example',
      'add host: { name: spare, domain: green, label: Spare, services: [smtp] }',
    );
    expect(world.domains.map(({ name }) => name)).toContain('pink.example');
    expect(world.users.map(({ address, client }) => [address, client])).toEqual(
      expect.arrayContaining([
        ['carol@red.example', 'carols-laptop.red.example'],
        ['bert@green.example', 'bobs-laptop.green.example'],
        ['d@red.example', 'doras-laptop.red.example'],
      ]),
    );
    expect(world.aliases).toEqual([
      { address: 'sales@green.example', targets: ['bob@green.example', 'dave@gone.example'] },
      { address: 'me@old.example', targets: ['bob@green.example'] },
    ]);
    expect(world.lists[0]?.members).toEqual(['alice@blue.example', 'carol@red.example', 'd@red.example']);
    expect(records(world, 'red.example')).toHaveLength(2);
    expect(world.hosts.map(({ id }) => id)).toContain('spare.green.example');
  });

  test('are changed and removed', () => {
    const world = worldAfter(
      'host: { id: smtp.blue, sends: pipelined, label: Postman }',
      'host: { id: mx1, addresses: [198.51.100.25, "2001:db8::25"] }',
      'user: { address: bob, quota: 200, leave on server: true }',
      'user: { address: alice, quota: 5 }',
      'user: { address: alice, quota: none }',
      'remove host: mx2',
      'set: { seed: 7, retry: { after: [1 minute, 2 hours], give up after: 2 days, warn after: 1 hour }, limits: { hops: 10 } }',
    );
    expect(world.hosts.find(({ id }) => id === 'smtp.blue.example')).toMatchObject({
      sends: 'pipelined',
      label: 'Postman',
    });
    expect(world.hosts.find(({ id }) => id === MX1)?.addresses).toEqual(['198.51.100.25', '2001:db8::25']);
    expect(world.users).toEqual([
      expect.not.objectContaining({ quota: expect.anything() }),
      expect.objectContaining({ quota: 200, leaveOnServer: true }),
    ]);
    expect(records(world)).toEqual(['green.example MX 10 mx1.green.example']);
    expect(world).toMatchObject({
      seed: 7,
      retry: { after: [60, 7200], giveUpAfter: 172_800, warnAfter: 3600 },
      limits: { hops: 10, recipients: 100 },
    });
  });

  test('the world can be put back as it was before the story, not as it was before its changes', () => {
    expect(
      problems(storyWith(`${changing('turn mx1 off')}\n${doing('clear', 'restore the world', 'turn mx1 on')}`)),
    ).toEqual([]);
  });

  test.each([
    ['add domain: red', /^a domain of this world ends in \.example or \.test/],
    ['add person: { name: Carl }', /^“add person” needs “domain”\.$/],
    ['add person: { name: Bob, domain: green }', /^bob@green\.example is a person already\.$/],
    ['add alias: { address: sales@green, targets: carl }', /^there is no user “carl”/],
    [
      'add host: { name: x, domain: green, services: [http] }',
      /^a host serves submission, smtp, pop3, dns, not “http”\.$/,
    ],
    ['add list: lunch', /^“add list” is a list of address, name, members, owner, each with its value\.$/],
    ['host: { id: mx1, sends: quickly }', /^“sends” is lock-step, pipelined, chunked\.$/],
    ['set: { limits: { message size: 5 } }', /messageSize: must be at least 65536/],
    ['set: { retry: { after: soon } }', /^“after” is a list of times such as 1 minute\.$/],
  ])('%s: says why not', (deed, sentence) => {
    expect(wrong(deed)).toEqual([expect.stringMatching(sentence)]);
  });
});

describe('what is done', () => {
  const letterOf = (deed: string) => {
    const read = story(storyWith(doing(deed)));
    const [first] = read.deeds;
    return first?.kind === 'send' ? first.letter(read.world) : null;
  };

  test('a letter is from Alice to Bob where nothing else is said', () => {
    expect(letterOf('send')).toEqual({
      from: { address: 'alice@blue.example' },
      to: ['bob@green.example'],
      subject: 'Lunch?',
      text: 'Are you free at noon?',
    });
  });

  test('a letter is whatever a mail client can send', () => {
    const deed =
      'send: { from: bob, to: [Alice, "x{1..2}@blue"], bcc: bob, subject: 5, text: "", envelope from: "", notify: [success, failure], ret: hdrs, attachment: { name: a.jpg, octets: 300_000 }, encoding: 8bit }';
    expect(letterOf(deed)).toEqual({
      from: { address: 'bob@green.example' },
      to: ['alice@blue.example', 'x1@blue.example', 'x2@blue.example'],
      bcc: ['bob@green.example'],
      subject: '5',
      text: '',
      envelopeFrom: '',
      notify: ['SUCCESS', 'FAILURE'],
      ret: 'HDRS',
      attachment: { name: 'a.jpg', octets: 300_000 },
      encoding: '8bit',
    });
  });

  test('sentences and tables are told apart by what they do', () => {
    const deeds = doing(
      'send again from alice',
      'collect bob and leave the letters',
      'collect bob and lose the line before QUIT',
      'collect bob with a second client',
      'wait 15 minutes',
      'wait: 2 hours',
      'wait for the next attempt',
      'wait for what comes next',
      'wait until the queue is empty',
      'flush the queues',
      'begin: collect bob',
      'together: [send, collect bob]',
      '3 times: send',
      '2 times: [send, collect bob]',
      'call: { server: mx1, mail from: x@evil.example, rcpt to: bob, data: Hello }',
    );
    expect(story(storyWith(deeds)).deeds).toMatchObject([
      { kind: 'send-again' },
      { kind: 'collect', wishes: { leaveOnServer: true } },
      { kind: 'collect', wishes: { stopBeforeQuit: true } },
      { kind: 'collect', wishes: { another: true } },
      { kind: 'wait', for: 900 },
      { kind: 'wait', for: 7200 },
      { kind: 'wait', for: 'attempt' },
      { kind: 'wait', for: 'next' },
      { kind: 'wait', for: 'empty-queue' },
      { kind: 'flush' },
      { kind: 'begin', act: { kind: 'collect' }, words: 'begin: collect bob' },
      { kind: 'together', acts: [{ kind: 'send' }, { kind: 'collect' }] },
      { kind: 'repeat', times: 3, deeds: [{ kind: 'send' }] },
      { kind: 'repeat', times: 2, deeds: [{ kind: 'send' }, { kind: 'collect' }] },
      { kind: 'call', line: 17 },
    ]);
  });

  test('a stranger says what he is told to, and calls the port that the server has', () => {
    const read = story(
      storyWith(doing('call: { server: smtp.blue, login: { user: alice, password: x }, rcpt to: [bob, nobody] }')),
    );
    const [deed] = read.deeds;
    expect(deed?.kind === 'call' && deed.call(read.world)).toEqual({
      server: 'smtp.blue.example',
      port: 587,
      mailFrom: '',
      rcptTo: ['bob@green.example', 'nobody'],
      login: { user: 'alice@blue.example', password: 'x' },
    });
  });

  test.each([
    ['send: { to: carl }', /^there is no user “carl”/],
    ['send: { from: carl@blue.example }', /^there is no user “carl@blue\.example”/],
    ['send: { notify: always }', /^when to be told is a list of SUCCESS/],
    ['send: { attachment: photo.jpg }', /^“attachment” is a list of name, octets, each with its value\.$/],
    ['send: hello', /^“send” is a letter: /],
    ['call: { rcpt to: bob }', /^“call” needs “server”\.$/],
    ['call: { server: mx1, rcpt to: bob, port: 110 }', /^a stranger calls port 25, or 587\.$/],
    ['begin: wait 5 minutes', /^“begin” is for send, collect, call and flush\.$/],
    ['together: send', /^“together” is a list of deeds\.$/],
    ['wait 5 weeks', /^“5 weeks” is no time/],
    ['200 times: send', /^at most 100 times\.$/],
    ['dance', /^nobody knows how to “dance”; a deed is send, /],
    ['dance: { with: bob }', /^nobody knows how to “dance”; a deed is send, /],
  ])('%s: says why not', (deed, sentence) => {
    expect(wrong(deed)).toEqual([expect.stringMatching(sentence)]);
  });
});
