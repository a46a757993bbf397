/** What a story tells when something goes wrong on the way: every refusal has words of its own, and what was arranged is said to be. */

import { encode } from 'dns-packet';
import { describe, expect, test } from 'vitest';
import type { Fault, FaultWhat } from '../../../shared/faults/fault.ts';
import { causeSaid } from '../../fixtures/causes.ts';
import { beatNamed, lastState, names, stateAfter, told } from '../../fixtures/promises.ts';
import { alice, bob, header, letterOf, Script } from '../../fixtures/script.ts';

const OUT = 'smtp.blue.example';
const MX1 = 'mx1.green.example';
const NS = 'ns.root.example';
const letter = letterOf();
const { recipients } = letter;
const fault = (what: FaultWhat, times: Fault['times'] = 'next'): Fault => ({ ...what, id: 'f1', times });
const at = (verb: 'RCPT' | 'END-OF-DATA' | 'MAIL') => ({ server: MX1, port: 25, verb }) as const;

const underWay = () =>
  new Script().submitted('c1', 'Q1').attempted('Q1', 'green.example', recipients).called('c2', MX1);
const goodbye = (script: Script, c = 'c2') => script.dialogue(c, 'C: QUIT', 'S: 221 Bye').close(c);

describe('a refusal has words of its own', () => {
  test.each([
    ['451 4.7.1 Greylisted, try again in 300 s', 'RCPT', '451: not yet, come back later', 'RFC 6647 §2'],
    ['452 4.2.2 <bob@green.example>: mailbox full', 'RCPT', '452: the mailbox is full', 'RFC 3463 §3.3'],
    ['554 5.7.1 <x@red.example>: relay access denied', 'RCPT', '554: no relaying for strangers', 'RFC 5321 §7.9'],
    ['550 5.1.1 no such user', 'RCPT', '550: no such mailbox here', 'RFC 5321 §3.3'],
    ['452 4.5.3 Too many recipients', 'RCPT', '452: too many recipients at once', 'RFC 5321 §4.5.3.1.10'],
    ['550 5.7.1 not from blue.example', 'MAIL', '550: it takes no mail from this sender', 'RFC 3463 §3.8'],
    ['552 5.3.4 Message too big', 'MAIL', '552: too big, and not one octet crossed', 'RFC 1870 §6.1'],
    ['550 5.6.7 needs SMTPUTF8', 'MAIL', '550: it cannot carry such an address', 'RFC 6531 §3.5'],
    ['530 5.7.0 Authentication required', 'MAIL', '530: log in first', 'RFC 4954 §6'],
    ['552 5.3.4 Message too big', '.', '552: too big, and it had to cross', 'RFC 1870 §6.2'],
    ['452 4.3.1 Disk full', '.', '452: no room on the disk', 'RFC 5321 §4.2.5'],
    ['554 5.4.6 Too many hops', '.', '554: the letter goes in circles', 'RFC 5321 §6.3'],
    ['421 4.3.2 closing', 'MAIL', '421: it has to hang up', 'RFC 5321 §3.8'],
    ['450 come again', 'MAIL', '“450 come again”', 'RFC 5321 §4.2.1'],
  ])('%s to %s', (reply, to, title, section) => {
    const script = underWay();
    if (to === 'MAIL') script.dialogue('c2', 'C: MAIL FROM:<alice@blue.example>', `S: ${reply}`);
    else if (to === 'RCPT') script.envelope('c2', letter, { 'bob@green.example': reply });
    else script.envelope('c2', letter).content('c2', letter).dialogue('c2', `S: ${reply}`);
    const story = told(goodbye(script));
    const { caption } = beatNamed(story, 'hand-over.refused');
    expect(caption.title).toBe(title);
    expect(caption.body).toContain(title.startsWith('“') ? 'says no' : reply);
    expect(caption.references.map(({ label }) => label)).toContain(section);
    expect(lastState(story).letters).toMatchObject([{ at: OUT, place: 'queued', responsible: OUT }]);
    expect(names(story)).not.toContain('connection.lost');
  });

  test('a wrong password, at both doors', () => {
    const script = new Script().open('c1', alice.client, OUT, 587);
    script.dialogue('c1', 'S: 220 hi', 'C: EHLO a', 'S: 250 a', 'C: AUTH PLAIN ****', 'S: 535 5.7.8 invalid');
    goodbye(script, 'c1').open('c2', bob.client, bob.pop, 110);
    script.dialogue('c2', 'S: +OK', 'C: USER bob@green.example', 'S: +OK', 'C: PASS ****', 'S: -ERR [AUTH] invalid');
    const story = told(script.dialogue('c2', 'C: QUIT', 'S: +OK').close('c2'));
    expect(beatNamed(story, 'submission.refused').caption.title).toBe('535: wrong name or password');
    expect(beatNamed(story, 'collect.refused').caption.title).toBe('-ERR: wrong name or password');
  });
});

describe('what was arranged', () => {
  test('is said in the beat of the refusal it leads to, and beside the conversation', () => {
    const answer = fault({ kind: 'answer', at: at('RCPT'), code: 451, text: 'Try again later' });
    const script = underWay().dialogue(
      'c2',
      'C: MAIL FROM:<alice@blue.example>',
      'S: 250 Ok',
      'C: RCPT TO:<bob@green.example>',
    );
    script.fact({ kind: 'fault.struck', fault: answer, host: MX1, connection: 'c2' });
    const story = told(goodbye(script.dialogue('c2', 'S: 451 Try again later')));
    const { caption } = beatNamed(story, 'hand-over.refused');
    expect(caption.body).toContain('You asked for this: 451 from the incoming server at RCPT TO, the next time.');
    const line = story.lines.find(({ text }) => text.startsWith('as arranged'));
    expect(line).toMatchObject({ from: 'aside', connection: 'c2' });
  });

  test('waits for the refusal it leads to, though yeses come before', () => {
    const slip = fault({ kind: 'wrong-password', user: 'alice@blue.example' });
    const script = new Script().open('c1', alice.client, OUT, 587);
    script.fact({ kind: 'fault.struck', fault: slip, host: alice.client, connection: 'c1' });
    script.dialogue('c1', 'S: 220 hi', 'C: EHLO a', 'S: 250 a', 'C: AUTH PLAIN ****', 'S: 535 5.7.8 invalid');
    const story = told(goodbye(script, 'c1'));
    expect(names(story)).not.toContain('fault.struck');
    expect(beatNamed(story, 'submission.refused').caption.body).toContain('alice@blue.example has a wrong password');
  });

  test('is a beat of its own where only time passes', () => {
    const late = fault({ kind: 'delay', at: at('MAIL'), milliseconds: 5000 });
    const script = underWay().dialogue('c2', 'C: MAIL FROM:<alice@blue.example>');
    script.fact({ kind: 'fault.struck', fault: late, host: MX1, connection: 'c2' });
    const story = told(script.dialogue('c2', 'S: 250 2.1.0 Ok'));
    expect(beatNamed(story, 'fault.struck').caption).toMatchObject({
      title: 'Waits five seconds',
      body: 'You asked for this: Five seconds of silence from the incoming server at MAIL FROM, the next time.',
    });
  });

  test('changes the world, which the state follows from then on', () => {
    const off = fault({ kind: 'host-off', host: MX1 }, 'always');
    const world = { ...header.world, faults: [off] };
    const script = new Script().fact({ kind: 'world.changed', edit: { code: 'fault-set', fault: off }, world });
    script.submitted('c1', 'Q1').attempted('Q1', 'green.example', recipients);
    script.fact({
      kind: 'tcp.refused',
      connection: 'c2',
      from: { host: OUT, address: '192.0.2.10', port: 0 },
      to: { host: MX1, address: '198.51.100.25', port: 25 },
      cause: { code: 'nothing-listens', address: '198.51.100.25', port: 25 },
    });
    const story = told(script);
    expect(story.start.world.faults).toEqual([]);
    expect(lastState(story).world.faults).toEqual([off]);
    expect(story.lines.map(({ text }) => text)).toContain('The incoming server is switched off.');
    expect(beatNamed(story, 'connection.refused').caption.title).toBe('The incoming server is switched off');
  });

  test('a host that is new in the world has its own state, and the name it has there', () => {
    const host = {
      id: 'mx.red.example',
      kind: 'server',
      label: 'Red’s server',
      addresses: ['203.0.113.9'],
      services: ['smtp'],
    } as const;
    const world = { ...header.world, hosts: [...header.world.hosts, host] };
    const script = new Script().fact({ kind: 'world.changed', edit: { code: 'host-added', host: host.id }, world });
    const story = told(script.called('c1', host.id).dialogue('c1', 'C: MAIL FROM:<a@b.example>', 'S: 451 no'));
    expect(lastState(story).hosts[host.id]).toEqual({ queue: 0, mailbox: 0, inbox: 0, locked: false });
    expect(beatNamed(story, 'hand-over.refused').caption.body).toContain('Red’s server says no');
  });
});

describe('a call that leads nowhere', () => {
  const calling = (reason: string, struck?: Fault) => {
    const script = underWay();
    goodbye(script);
    if (struck) script.fact({ kind: 'fault.struck', fault: struck, host: MX1, connection: 'c3' });
    const from = { host: OUT, address: '192.0.2.10', port: 0 };
    const to = { host: MX1, address: '198.51.100.25', port: 25 };
    return told(
      script.jump(30_000_000).fact({ kind: 'tcp.refused', connection: 'c3', from, to, cause: causeSaid(reason) }),
    );
  };

  test.each([
    ['connection refused', undefined, 'The incoming server turns the call away'],
    ['198.51.100.25 did not answer within 30 seconds', undefined, 'The incoming server does not answer'],
    ['Operation timed out', undefined, 'The incoming server does not answer'],
    ['nobody picked up', fault({ kind: 'host-silent', host: MX1 }), 'The incoming server does not answer'],
    ['nothing listens on port 25', fault({ kind: 'host-off', host: MX1 }), 'The incoming server is switched off'],
  ])('%s', (reason, struck, title) => {
    const { caption } = beatNamed(calling(reason, struck), 'connection.refused');
    expect(caption.title).toBe(title);
    expect(caption.body.includes('You asked for this')).toBe(struck !== undefined);
  });
});

describe('a line that breaks', () => {
  test('in mid-letter leaves the whole letter with whoever sent it', () => {
    const cut = fault({ kind: 'cut', at: at('END-OF-DATA'), octets: 40 });
    const script = underWay().envelope('c2', letter).dialogue('c2', 'C: DATA', 'S: 354 Go on');
    script.fact({ kind: 'fault.struck', fault: cut, host: MX1, connection: 'c2' });
    const story = told(script.dialogue('c2', 'C: Subject: Lunch?').close('c2', 'client', 'reset'));
    const { caption } = beatNamed(story, 'connection.lost');
    expect(caption.title).toBe('The line breaks in mid-letter');
    expect(caption.body).toContain('You asked for this: The line to the incoming server breaks after 40 octets');
    expect(lastState(story).letters).toMatchObject([
      { id: 'L1', at: OUT, place: 'queued', note: { code: 'line-broke' } },
    ]);
  });

  test('in silence: told when it begins, and again when somebody has had enough', () => {
    const stall = fault({ kind: 'stall', at: at('END-OF-DATA'), octets: 40 });
    const script = underWay().envelope('c2', letter).dialogue('c2', 'C: DATA', 'S: 354 Go on');
    script.fact({ kind: 'fault.struck', fault: stall, host: MX1, connection: 'c2' });
    script.dialogue('c2', 'C: Subject: Lunch?').jump(180_000_000).close('c2', 'client', 'fin');
    expect(names(told(script)).slice(-3)).toEqual(['fault.struck', 'clock.jumped', 'connection.lost']);
  });

  test('before an answer came, though it was closed in order', () => {
    const story = told(underWay().dialogue('c2', 'C: MAIL FROM:<alice@blue.example>').close('c2'));
    expect(beatNamed(story, 'connection.lost').caption.title).toBe('The line drops');
  });

  test('after the letter, where nobody saw it stored: nobody knows, and it is sent again', () => {
    const story = told(underWay().envelope('c2', letter).content('c2', letter).close('c2', 'server', 'reset'));
    expect(beatNamed(story, 'connection.lost').caption.title).toBe('Nobody knows whether it arrived');
    expect(lastState(story).letters).toMatchObject([{ id: 'L1', at: OUT, place: 'queued' }]);
  });

  test('between a mail client and its server: the client has it still, and the server has it too', () => {
    const script = new Script().fact({
      kind: 'mail.composed',
      host: alice.client,
      id: 'a1',
      subject: 'Lunch?',
      ...letter,
    });
    script.open('c1', alice.client, OUT, 587).dialogue('c1', 'S: 220 hi', 'C: EHLO a', 'S: 250 a');
    script.envelope('c1', letter).content('c1', letter);
    script.fact({ kind: 'mail.queued', host: OUT, queueId: 'Q1', connection: 'c1', ...letter });
    script.close('c1', 'server', 'reset').attempted('Q1', 'green.example', recipients);
    const { letters, queue } = lastState(told(script));
    expect(letters.map(({ id, at: host, place }) => `${id} ${place} at ${host}`).toSorted()).toEqual([
      `L1 queued at ${OUT}`,
      `L2 written at ${alice.client}`,
    ]);
    expect(queue).toMatchObject([{ queueId: 'Q1', letter: 'L1' }]);
  });
});

describe('a letter sent again from the outbox', () => {
  const compose = (script: Script) =>
    script.fact({ kind: 'mail.composed', host: alice.client, id: 'a1', subject: 'Lunch?', ...letter });
  const refused = () => {
    const script = compose(new Script()).open('c1', alice.client, OUT, 587);
    script.dialogue('c1', 'S: 220 hi', 'C: EHLO a', 'S: 250 a', 'C: AUTH PLAIN ****', 'S: 535 5.7.8 invalid');
    goodbye(script, 'c1');
    return script.fact({ kind: 'client.failed', host: alice.client, id: 'a1', cause: causeSaid('The letter waits.') });
  };

  test('is the letter that was refused, and not a second one', () => {
    const again = refused();
    expect(lastState(told(again)).letters).toMatchObject([{ id: 'L1', place: 'refused' }]);
    compose(again).open('c2', alice.client, OUT, 587).dialogue('c2', 'S: 220 hi', 'C: EHLO a', 'S: 250 a');
    const pressed = told(again).beats.findLast(({ name }) => name === 'press-send');
    if (pressed === undefined) throw new Error('Send was pressed again');
    expect(stateAfter(told(again), pressed).letters).toMatchObject([
      { id: 'L1', at: alice.client, place: 'written', note: { code: 'composed' } },
    ]);
    again.envelope('c2', letter).content('c2', letter);
    again.fact({ kind: 'mail.queued', host: OUT, queueId: 'Q1', connection: 'c2', ...letter }).accepted('c2');
    expect(lastState(told(again)).letters).toMatchObject([{ id: 'L1', at: OUT, place: 'queued' }]);
  });

  test('another letter with the same words is another', () => {
    const other = { ...letter, messageId: '<m2@blue.example>' };
    const script = refused().fact({
      kind: 'mail.composed',
      host: alice.client,
      id: 'a2',
      subject: 'Lunch?',
      ...other,
    });
    script.open('c2', alice.client, OUT, 587);
    expect(lastState(told(script)).letters.map(({ id, place }) => `${id} ${place}`)).toEqual([
      'L1 refused',
      'L2 written',
    ]);
  });
});

test('a call to an address that nobody has says which, and lights who called', () => {
  const script = new Script()
    .submitted('c1', 'Q1')
    .attempted('Q1', 'green.example', recipients)
    .fact({
      kind: 'tcp.refused',
      connection: 'c2',
      from: { host: OUT, address: '192.0.2.10', port: 0 },
      to: { host: '2001:db8:6::99', address: '2001:db8:6::99', port: 25 },
      cause: { code: 'no-such-address', address: '2001:db8:6::99' },
    });
  const story = told(script);
  const { caption, firstStep } = beatNamed(story, 'connection.refused');
  expect(caption.title).toBe('Nobody is at 2001:db8:6::99');
  expect(caption.body).toContain('no host in this world has the address 2001:db8:6::99');
  expect(story.steps[firstStep]?.hosts).toContain(OUT);
});

describe('DNS', () => {
  const client = { host: OUT, address: '192.0.2.10', port: 40_000 };
  const server = { host: NS, address: '203.0.113.53', port: 53 };
  const questions = [{ type: 'MX', name: 'green.example' }] as const;
  const ask = (script: Script, exchange: string, after = 100) =>
    script.fact(
      {
        kind: 'udp.datagram',
        exchange,
        from: client,
        to: server,
        bytes: encode({ type: 'query', id: 7, questions: [...questions] }),
      },
      after,
    );
  const answer = (
    script: Script,
    exchange: string,
    flags: number,
    answers: { type: 'MX'; name: string; ttl: number; data: { preference: number; exchange: string } }[] = [],
  ) =>
    script.fact({
      kind: 'udp.datagram',
      exchange,
      from: server,
      to: client,
      bytes: encode({ type: 'response', id: 7, flags, questions: [...questions], answers }),
    });
  const mx = [{ type: 'MX' as const, name: 'green.example', ttl: 60, data: { preference: 10, exchange: MX1 } }];

  test('silence: three postcards, and no answer is not no', () => {
    const silence = fault({ kind: 'dns-silence', name: 'green.example', type: 'MX' }, 'always');
    const script = new Script().submitted('c1', 'Q1').attempted('Q1', 'green.example', recipients);
    for (const exchange of ['u1', 'u2', 'u3']) {
      ask(script, exchange, 2_000_000);
      script.fact({ kind: 'fault.struck', fault: silence, host: NS, connection: exchange });
    }
    script.deferred('Q1', recipients, 'nobody could tell where mail goes', 60_000_000, '4.4.3');
    const story = told(script);
    expect(names(story).slice(-3)).toEqual(['mx-question', 'dns.silence', 'queue.deferred']);
    expect(story.steps.filter(({ motion }) => motion?.kind === 'postcard')).toHaveLength(3);
    expect(beatNamed(story, 'dns.silence').caption.body).toContain('You asked for this: DNS does not answer');
  });

  test('two who ask at once are not one who asks again', () => {
    const script = ask(ask(new Script(), 'u1'), 'u2');
    expect(names(told(answer(answer(script, 'u1', 0, mx), 'u2', 0, mx)))).not.toContain('dns.silence');
  });

  test.each([
    ['SERVFAIL', 2, 'dns.trouble', 'I do not know'],
    ['NXDOMAIN', 3, 'dns.no-such-name', 'That is final'],
  ] as const)('%s is another thing', (rcode, flags, name, words) => {
    const script = ask(new Script(), 'u1');
    const arranged = fault({ kind: 'dns-answer', name: 'green.example', type: 'MX', rcode });
    script.fact({ kind: 'fault.struck', fault: arranged, host: NS, connection: 'u1' });
    const { caption } = beatNamed(told(answer(script, 'u1', flags)), name);
    expect(caption.body).toContain(words);
    expect(caption.body).toContain(
      `You asked for this: DNS answers ${rcode} when asked for the MX record of green.example`,
    );
  });

  test('an answer that was cut asks for TCP', () => {
    const story = told(answer(ask(new Script(), 'u1'), 'u1', 0x0200));
    expect(beatNamed(story, 'dns.truncated').caption.title).toContain('ask over TCP');
  });

  test('what is remembered saves the question: a beat without a postcard, and the cache counts it', () => {
    const script = answer(ask(new Script(), 'u1'), 'u1', 0, mx);
    const known = { host: OUT, name: 'green.example', type: 'MX' };
    script.fact({ kind: 'cache.stored', ...known, answers: [`10 ${MX1}`], negative: false, seconds: 3600 });
    script.jump(600_000_000).fact({ kind: 'cache.hit', ...known });
    script.fact({ kind: 'cache.stored', ...known, type: 'A', answers: [], negative: true, seconds: 60 });
    script.fact({ kind: 'cache.hit', ...known, type: 'A' });
    const story = told(script);
    const [beat] = story.beats.filter(each => each.name === 'cache.hit');
    expect(beat?.caption.title).toBe('No need to ask: I remember');
    expect(beat?.caption.body).toContain('50 minutes of it are left');
    expect(story.steps.slice(beat?.firstStep, (beat?.lastStep ?? 0) + 1).every(({ motion }) => motion === null)).toBe(
      true,
    );
    expect(story.steps[beat?.firstStep ?? 0]?.hosts).toEqual([OUT]);
    const [kept, negative] = lastState(story).cache;
    expect(kept).toMatchObject({ ...known, hits: 1, negative: false, answers: [`10 ${MX1}`] });
    const storedAt = script.events.find(({ kind }) => kind === 'cache.stored')?.at ?? 0;
    expect(kept?.expiresAt).toBe(storedAt + 3_600_000_000);
    expect(negative).toMatchObject({ type: 'A', negative: true, hits: 1 });
    expect(negative?.expiresAt).toBeGreaterThan(600_000_000);
  });
});

describe('POP3', () => {
  test('a mailbox in use says so, and a fault has the words it was given', () => {
    const script = new Script().open('c1', bob.client, bob.pop, 110);
    script.dialogue('c1', 'S: +OK', 'C: USER bob@green.example', 'S: +OK', 'C: PASS ****', 'S: -ERR [IN-USE] locked');
    script.dialogue('c1', 'C: STAT');
    const given = fault({
      kind: 'answer',
      at: { server: bob.pop, port: 110, verb: 'STAT' },
      code: 500,
      text: 'not today',
    });
    script.fact({ kind: 'fault.struck', fault: given, host: bob.pop, connection: 'c1' });
    const story = told(script.dialogue('c1', 'S: -ERR not today', 'C: QUIT', 'S: +OK').close('c1'));
    const [inUse, struck] = story.beats.filter(beat => beat.name === 'collect.refused');
    expect(inUse?.caption.title).toBe('-ERR: somebody else is reading');
    expect(struck?.caption.title).toBe('“-ERR not today”');
    expect(struck?.caption.body).toContain('You asked for this: -ERR from the mailbox at STAT');
  });

  test('letters that stay on the server are fetched once: the second visit wants only what is new', () => {
    const second = letterOf('-2');
    const script = new Script().collecting('c1', bob, 'f1').retrieved('c1', 1, letter).left('c1', bob);
    script.collecting('c2', bob, 'f1', 'f2').retrieved('c2', 2, second).left('c2', bob);
    const story = told(script.collecting('c3', bob, 'f1', 'f2').left('c3', bob));
    const titles = (name: string) => story.beats.filter(beat => beat.name === name).map(beat => beat.caption.title);
    expect(titles('collect.retrieve')).toEqual(['The letter comes home', 'Only what is new']);
    expect(titles('collect.goodbye')).toEqual([
      'The letters stay on the server',
      'The letters stay on the server',
      'Nothing new',
    ]);
  });

  test('a line that drops before QUIT removes nothing, and the same letter comes again', () => {
    const drop = fault({ kind: 'drop', at: { server: bob.pop, port: 110, verb: 'QUIT' } });
    const script = underWay()
      .envelope('c2', letter)
      .content('c2', letter)
      .stored('c2', MX1, 'bob@green.example', 'f1')
      .accepted('c2');
    script.collecting('c3', bob, 'f1').retrieved('c3', 1, letter).dialogue('c3', 'C: DELE 1', 'S: +OK');
    script.fact({ kind: 'fault.struck', fault: drop, host: bob.pop, connection: 'c3' });
    script.fact({ kind: 'mailbox.unlocked', host: bob.pop, mailbox: bob.mailbox, connection: 'c3' }).close('c3');
    script.collecting('c4', bob, 'f1').retrieved('c4', 1, letter).left('c4', bob);
    const story = told(script);
    const lost = beatNamed(story, 'collect.lost');
    expect(lost.caption.body).toContain('You asked for this: The line to the mailbox at QUIT is hung up');
    expect(stateAfter(story, lost).hosts[bob.pop]).toMatchObject({ mailbox: 1, locked: false });
    expect(story.inbox.map(entry => entry.letter)).toEqual(['L1', 'L1']);
  });
});

describe('commands that cross in one segment', () => {
  test('move as one, and each has its line; the refused one is still a beat', () => {
    const script = new Script().called('c1', MX1, 'your-computer.example');
    script.dialogue(
      'c1',
      'C: MAIL FROM:<a@b.example>|RCPT TO:<bob@green.example>|RCPT TO:<bert@green.example>|RCPT TO:<bbo@green.example>|DATA',
    );
    script.dialogue('c1', 'S: 250 Ok|250 Ok|250 Ok|550 5.1.1 no such user|354 Go on');
    const story = told(script);
    const said = story.steps.flatMap(({ motion }) => (motion?.kind === 'line' ? [motion.label.join(' ')] : []));
    expect(said.slice(-4)).toEqual(['MAIL RCPT ×3 DATA', '250 ×3', '550 5.1.1 no such user', '354 Go on']);
    expect(story.lines.filter(line => line.role === 'command')).toHaveLength(6);
    expect(names(story).slice(-3)).toEqual(['hand-over.envelope', 'hand-over.refused', 'hand-over.letter']);
  });
});

test('a letter in counted pieces, sent without waiting: the answers come at the end, the refused one is a beat', () => {
  const two = { ...letter, recipients: ['bob@green.example', 'bbo@green.example'] };
  const script = new Script().submitted('c1', 'Q1', two).attempted('Q1', 'green.example', two.recipients);
  const content = ['Subject: Lunch?', `Message-ID: ${letter.messageId}`, '', 'Noon?'];
  const octets = content.join('\r\n').length + 2;
  const commands = ['MAIL FROM:<alice@blue.example>', ...two.recipients.map(to => `RCPT TO:<${to}>`)];
  script.called('c2', MX1).dialogue('c2', `C: ${[...commands, `BDAT ${octets} LAST`, ...content].join('|')}`);
  script.dialogue('c2', 'S: 250 2.1.0 Ok|250 2.1.5 Ok|550 5.1.1 no such user');
  const story = told(script.stored('c2', MX1, 'bob@green.example', 'f1').accepted('c2'));
  expect(names(story).slice(-6)).toEqual([
    'hand-over.hello',
    'hand-over.envelope',
    'hand-over.letter',
    'hand-over.refused',
    'deliver.store',
    'deliver.accepted',
  ]);
  const said = story.steps.flatMap(({ motion }) => (motion?.kind === 'line' ? [motion.label.join(' ')] : []));
  expect(said).toContain('MAIL RCPT ×2 BDAT');
  expect(lastState(story).letters).toMatchObject([{ id: 'L1', at: bob.pop, responsible: MX1 }]);
});
