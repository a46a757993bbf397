/** What a story tells of letters that wait: retries, time moved on, splits, reports, second copies; and that the state is right at any moment. */

import { describe, expect, test } from 'vitest';
import type { Letter as LetterState, State } from '../../../shared/story/story.ts';
import { causeSaid, saying } from '../../fixtures/causes.ts';
import { beatNamed, lastState, names, stateAfter, told } from '../../fixtures/promises.ts';
import { alice, bob, type Letter, letterOf, Script } from '../../fixtures/script.ts';

const OUT = 'smtp.blue.example';
const MX1 = 'mx1.green.example';
const MX2 = 'mx2.green.example';
const MINUTE = 60_000_000;
const HOUR = 60 * MINUTE;

const letter = letterOf();
const { recipients } = letter;
const where = (state: State) => state.letters.map(({ id, at, place }) => `${id} ${place} at ${at}`);
const byId = (state: State, id: string): LetterState | undefined => state.letters.find(each => each.id === id);

const greylisted = (script = new Script()) =>
  script
    .submitted('c1', 'Q1')
    .attempted('Q1', 'green.example', recipients)
    .called('c2', MX1)
    .envelope('c2', letter, { 'bob@green.example': '451 4.7.1 Greylisted, try again in 300 s' })
    .dialogue('c2', 'C: QUIT', 'S: 221 Bye')
    .close('c2')
    .deferred('Q1', recipients, 'mx1.green.example answered 451 4.7.1 Greylisted', 5 * MINUTE);

const delivered = (script: Script, c: string, file: string, given: Letter = letter) =>
  script
    .called(c, MX1)
    .envelope(c, given)
    .content(c, given)
    .stored(c, MX1, 'bob@green.example', file, given)
    .accepted(c);

describe('a letter that has to wait', () => {
  const script = greylisted()
    .jump(5 * MINUTE)
    .attempted('Q1', 'green.example', recipients);
  delivered(script, 'c3', 'f1').dequeued('Q1');
  const story = told(script);

  test('waits, time is moved on, and it is tried again: each is a beat', () => {
    expect(names(story).slice(5)).toEqual([
      'hand-over.hello',
      'hand-over.envelope',
      'hand-over.refused',
      'queue.deferred',
      'clock.jumped',
      'queue.attempt',
      'hand-over.hello',
      'hand-over.envelope',
      'hand-over.letter',
      'deliver.store',
      'deliver.accepted',
    ]);
    expect(beatNamed(story, 'hand-over.refused').caption.title).toBe('451: not yet, come back later');
    expect(beatNamed(story, 'queue.deferred').caption.body).toContain('tries again in five minutes');
    expect(beatNamed(story, 'clock.jumped').caption.title).toBe('Five minutes later');
    expect(beatNamed(story, 'clock.jumped').caption.body).toContain('Nobody waited');
    expect(beatNamed(story, 'queue.attempt').caption.title).toBe('Second attempt');
    expect(story.runs).toHaveLength(1);
  });

  test('the jump is a step of its own, as long for a minute as for a week, in which nothing moves', () => {
    const jumps = story.steps.filter(step => step.jump > 0);
    expect(jumps).toMatchObject([{ jump: 5 * MINUTE, motion: null, hosts: [OUT] }]);
    expect((jumps[0]?.end ?? 0) - (jumps[0]?.start ?? 0)).toBe(1800);
    expect(lastState(story).jumped).toBe(5 * MINUTE);
  });

  test('the queue says when it is tried next, how often it was, and why it is still there, in world time', () => {
    const waiting = stateAfter(story, beatNamed(story, 'queue.deferred'));
    const [entry] = waiting.queue;
    const at = script.events.find(event => event.kind === 'mail.deferred')?.at ?? 0;
    expect(entry).toMatchObject({
      host: OUT,
      queueId: 'Q1',
      letter: 'L1',
      recipients,
      attempts: 1,
      nextAt: at + 5 * MINUTE,
      status: '4.7.1',
    });
    expect(entry).toMatchObject({ cause: saying('Greylisted') });
    const again = stateAfter(story, beatNamed(story, 'queue.attempt'));
    expect(again.queue).toMatchObject([{ attempts: 2, nextAt: null }]);
    expect(again.hosts[OUT]?.queue).toBe(1);
    expect(lastState(story).queue).toEqual([]);
    expect(lastState(story).hosts[OUT]?.queue).toBe(0);
  });

  test('a postmark and a next attempt after the jump are on the clock that was moved on', () => {
    const [, second] = byId(lastState(story), 'L1')?.postmarks ?? [];
    expect(second?.wireAt).toBeGreaterThan(5 * MINUTE);
  });
});

test.each([
  [15 * MINUTE, '15 minutes later'],
  [4 * HOUR, 'Four hours later'],
  [5 * 24 * HOUR, 'Five days later'],
  [90 * MINUTE, 'One hour and 30 minutes later'],
  [61_000_000, 'One minute and one second later'],
  [300_000, 'A moment later'],
])('%i µs are called “%s”', (by, title) => {
  const story = told(new Script().jump(by));
  expect(beatNamed(story, 'clock.jumped').caption.title).toBe(title);
});

test('what was said before a jump is told before it, though it was not finished', () => {
  const script = new Script().open('c1', 'your-computer.example', MX1, 25).jump(10 * MINUTE);
  script.dialogue('c1', 'S: 421 4.4.2 Too long').close('c1');
  const story = told(script);
  expect(names(story)).toEqual(['hand-over.hello', 'clock.jumped', 'hand-over.refused']);
});

test.each([['jump'], ['lull']])(
  'that Send was pressed is told before the %s in which the call is not answered',
  how => {
    const script = new Script().fact({
      kind: 'mail.composed',
      host: alice.client,
      id: 'a1',
      subject: 'Lunch?',
      ...letter,
    });
    if (how === 'jump') script.jump(30_000_000);
    else script.fact({ kind: 'wire.quiet', connections: 0 });
    const from = { host: alice.client, address: '192.0.2.101', port: 0 };
    const to = { host: OUT, address: '192.0.2.10', port: 587 };
    script.fact({
      kind: 'tcp.refused',
      connection: 'c1',
      from,
      to,
      cause: causeSaid('192.0.2.10 did not answer within 30 seconds'),
    });
    const story = told(script);
    expect(names(story)).toEqual(['press-send', ...(how === 'jump' ? ['clock.jumped'] : []), 'connection.refused']);
    expect(story.runs.map(({ title }) => title)).toEqual(['Lunch?']);
  },
);

describe('a letter that cannot be delivered', () => {
  const report: Letter = {
    messageId: '<d1@blue.example>',
    reversePath: '',
    recipients: ['alice@blue.example'],
    size: 900,
  };
  const cause = causeSaid('mx1.green.example answered 550 5.1.1 no such user');
  const given = (script = new Script()) =>
    script
      .submitted('c1', 'Q1')
      .attempted('Q1', 'green.example', recipients)
      .called('c2', MX1)
      .envelope('c2', letter, { 'bob@green.example': '550 5.1.1 <bob@green.example>: no such user' })
      .dialogue('c2', 'C: QUIT', 'S: 221 Bye')
      .close('c2')
      .fact({ kind: 'mail.bounced', host: OUT, queueId: 'Q1', recipients, status: '5.1.1', cause })
      .fact({
        kind: 'mail.reported',
        host: OUT,
        queueId: 'Q2',
        about: 'Q1',
        action: 'failed',
        recipients,
        messageId: report.messageId,
      })
      .fact({ kind: 'mail.queued', host: OUT, queueId: 'Q2', ...report })
      .dequeued('Q1')
      .attempted('Q2', 'blue.example', report.recipients)
      .called('c3', alice.pop);

  test('comes back as a letter of its own that travels home with an empty sender, in the same run', () => {
    const script = given()
      .envelope('c3', report)
      .content('c3', report)
      .stored('c3', alice.pop, 'alice@blue.example', 'f9', report)
      .accepted('c3')
      .dequeued('Q2')
      .collecting('c4', alice, 'f9')
      .retrieved('c4', 1, report)
      .dialogue('c4', 'C: DELE 1', 'S: +OK')
      .left('c4', alice, 'f9');
    const story = told(script);
    expect(names(story)).not.toContain('queue.recovered');
    expect(story.runs).toHaveLength(1);
    const born = beatNamed(story, 'report.failed');
    expect(born.caption.title).toBe('A letter home: it could not be delivered');
    const state = stateAfter(story, born);
    expect(byId(state, 'L1')).toMatchObject({ place: 'given-up', at: OUT });
    expect(byId(state, 'L2')).toMatchObject({
      at: OUT,
      place: 'queued',
      reversePath: '',
      recipients: ['alice@blue.example'],
      report: { action: 'failed', about: 'L1' },
    });
    expect(state.focus).toBe('L2');
    expect(story.beats.map(beat => beat.caption.title)).toContain('An envelope without a sender');
    expect(beatNamed(story, 'collect.retrieve').caption.title).toBe('The report comes home');
    const end = lastState(story);
    expect(byId(end, 'L2')).toMatchObject({ place: 'inbox', at: alice.client, report: { action: 'failed' } });
    expect(end.queue).toEqual([]);
    expect(end.hosts[OUT]?.queue).toBe(0);
    expect(end.hosts[alice.pop]).toMatchObject({ mailbox: 0, locked: false });
  });

  test('a report that cannot be delivered either is dropped, and it is said why', () => {
    const script = given()
      .envelope('c3', report, { 'alice@blue.example': '550 5.1.1 no such user' })
      .dialogue('c3', 'C: QUIT', 'S: 221 Bye')
      .close('c3');
    const lost = { host: OUT, queueId: 'Q2', recipients: report.recipients };
    script
      .fact({ kind: 'mail.bounced', ...lost, status: '5.1.1', cause })
      .fact({ kind: 'mail.discarded', ...lost, cause: { code: 'is-a-report' } })
      .dequeued('Q2');
    const story = told(script);
    const dropped = beatNamed(story, 'report.discarded');
    expect(dropped.caption.body).toContain('null reverse-path');
    expect(dropped.caption.references.map(({ label }) => label)).toContain('RFC 5321 §4.5.5');
    const gaveUp = story.beats.filter(beat => beat.name === 'queue.gave-up');
    expect(gaveUp.map(beat => beat.caption.body.includes('owes the sender'))).toEqual([true, false]);
    expect(byId(lastState(story), 'L2')).toMatchObject({ place: 'given-up', note: { code: 'dropped' } });
  });

  test('where the sender wanted to hear nothing, that is said', () => {
    const script = greylisted().fact({
      kind: 'mail.discarded',
      host: OUT,
      queueId: 'Q1',
      recipients,
      cause: { code: 'no-report-wanted' },
    });
    expect(beatNamed(told(script), 'report.discarded').caption.title).toBe('Nobody wants a report');
  });

  test.each([
    ['delayed', 'A letter home: it is late'],
    ['delivered', 'A letter home: it has arrived'],
    ['relayed', 'A letter home: handed on, no more news'],
    ['expanded', 'A letter home: sent on to several'],
  ] as const)('a %s notice has words of its own', (action, title) => {
    const about = { host: OUT, queueId: 'Q2', about: 'Q1', action, recipients, messageId: '<d2@blue.example>' };
    const story = told(greylisted().fact({ kind: 'mail.reported', ...about }));
    expect(beatNamed(story, `report.${action}`).caption.title).toBe(title);
  });

  test('after five days it is given up, and how long that was is said', () => {
    const script = greylisted()
      .jump(5 * 24 * HOUR)
      .attempted('Q1', 'green.example', recipients)
      .fact({
        kind: 'mail.bounced',
        host: OUT,
        queueId: 'Q1',
        recipients,
        status: '4.4.7',
        cause: causeSaid('not delivered within 5 days'),
      });
    const { caption } = beatNamed(told(script), 'queue.gave-up');
    expect(caption.title).toBe('Too long: the queue gives up');
    expect(caption.body).toContain('Not delivered within 5 days.');
  });
});

describe('a letter that is tried for days', () => {
  const script = greylisted();
  const again = (nth: number, answer: string) =>
    script
      .jump(HOUR)
      .attempted('Q1', 'green.example', recipients)
      .called(`n${nth}`, MX1)
      .envelope(`n${nth}`, letter, { 'bob@green.example': answer });
  for (let nth = 2; nth <= 120; nth += 1)
    again(nth, '451 4.7.1 no')
      .dialogue(`n${nth}`, 'C: QUIT', 'S: 221 Bye')
      .close(`n${nth}`)
      .deferred('Q1', recipients, 'no', HOUR);
  again(121, '250 2.1.5 Ok').content('n121', letter).stored('n121', MX1, 'bob@green.example', 'f1').accepted('n121');
  const story = told(script);

  test('is told three times in full, and then in one breath: nothing is left out of the conversation', () => {
    expect(story.beats.filter(beat => beat.name === 'queue.attempt')).toHaveLength(2);
    const together = beatNamed(story, 'queue.attempts');
    expect(together.caption.title).toBe('And again, and again');
    expect(together.end - together.start).toBeLessThan(60_000);
    expect(story.lines.filter(line => line.text === '451 4.7.1 no')).toHaveLength(119);
    expect(story.steps.filter(step => step.jump > 0)).toHaveLength(120);
    expect(stateAfter(story, together).queue).toMatchObject([{ attempts: 121, nextAt: null }]);
  });

  test('when it gets through at last, that is told', () => {
    expect(names(story).slice(-4)).toEqual(['queue.attempts', 'hand-over.letter', 'deliver.store', 'deliver.accepted']);
  });
});

test('a letter that a host has for one of its own mailboxes goes there from its queue', () => {
  const report: Letter = {
    messageId: '<d1@green.example>',
    reversePath: '',
    recipients: ['club@green.example'],
    size: 900,
  };
  const script = greylisted().fact({
    kind: 'mail.reported',
    host: MX1,
    queueId: 'Q2',
    about: 'Q9',
    action: 'failed',
    recipients,
    messageId: report.messageId,
  });
  const home = { kind: 'mail.stored', host: bob.pop, mailbox: bob.mailbox, file: 'f1', ...report } as const;
  script.fact({ kind: 'mail.queued', host: MX1, queueId: 'Q2', ...report });
  script.attempted('Q2', 'green.example', report.recipients, MX1).fact(home).dequeued('Q2', MX1);
  const story = told(script);
  const stored = stateAfter(story, beatNamed(story, 'deliver.store'));
  expect(byId(stored, 'L2')).toMatchObject({
    at: bob.pop,
    place: 'mailbox',
    report: { action: 'failed', about: null },
  });
  expect(story.steps.find(step => step.motion?.protocol === 'store')?.motion).toMatchObject({ from: MX1, to: bob.pop });
  expect(lastState(story).hosts[MX1]?.queue).toBe(0);
});

describe('a letter to two domains', () => {
  const both: Letter = { ...letter, recipients: ['bob@green.example', 'alice@blue.example'] };
  const [toBob = '', toAlice = ''] = both.recipients;
  const split = () => new Script().submitted('c1', 'Q1', both).attempted('Q1', 'green.example', [toBob]);
  const toGreen = { ...both, recipients: [toBob] };
  const toBlue = { ...both, recipients: [toAlice] };

  test('splits: a copy travels, the letter stays for the others, and travels itself in the end', () => {
    const script = delivered(split(), 'c2', 'f1', toGreen)
      .attempted('Q1', 'blue.example', [toAlice])
      .called('c3', alice.pop)
      .envelope('c3', toBlue)
      .content('c3', toBlue)
      .stored('c3', alice.pop, toAlice, 'f2', toBlue)
      .accepted('c3')
      .dequeued('Q1');
    const story = told(script);
    const parted = stateAfter(story, beatNamed(story, 'queue.split'));
    expect(where(parted)).toEqual([`L1 queued at ${OUT}`, `L2 queued at ${OUT}`]);
    expect(byId(parted, 'L1')).toMatchObject({ recipients: [toAlice], copyOf: null });
    expect(byId(parted, 'L2')).toMatchObject({ recipients: [toBob], copyOf: 'L1', subject: 'Lunch?' });
    const flown = story.steps.flatMap(({ motion }) => (motion?.kind === 'letter' ? [motion.letter] : []));
    expect(flown).toEqual(['L1', 'L2', 'L2', 'L1']);
    const end = lastState(story);
    expect(where(end).toSorted()).toEqual([`L1 mailbox at ${alice.pop}`, `L2 mailbox at ${bob.pop}`]);
    expect(story.beats.filter(beat => beat.name === 'queue.split')).toHaveLength(1);
  });

  test('where one domain is down, its copy is taken back into the letter that waits', () => {
    const refused = { host: MX1, address: '198.51.100.25', port: 25 };
    const script = split()
      .fact({
        kind: 'tcp.refused',
        connection: 'c2',
        from: { host: OUT, address: '192.0.2.10', port: 50_000 },
        to: refused,
        cause: causeSaid('connection refused'),
      })
      .deferred('Q1', [toBob], 'could not be reached', MINUTE, '4.4.1')
      .attempted('Q1', 'blue.example', [toAlice])
      .called('c3', alice.pop)
      .envelope('c3', toBlue)
      .content('c3', toBlue)
      .stored('c3', alice.pop, toAlice, 'f2', toBlue)
      .accepted('c3');
    const story = told(script);
    const back = stateAfter(story, beatNamed(story, 'queue.deferred'));
    expect(where(back)).toEqual([`L1 queued at ${OUT}`]);
    expect(byId(back, 'L1')?.recipients).toEqual([toBob, toAlice]);
    const end = lastState(story);
    expect(where(end).toSorted()).toEqual([`L1 queued at ${OUT}`, `L3 mailbox at ${alice.pop}`]);
    expect(end.queue).toMatchObject([{ letter: 'L1', recipients: [toBob] }]);
    expect(byId(end, 'L1')?.recipients).toEqual([toBob]);
  });
});

test('of three recipients one gets it, one never will, one has to wait: a copy goes, the letter stays', () => {
  const three: Letter = { ...letter, recipients: ['bob@green.example', 'bbo@green.example', 'full@green.example'] };
  const [yes = '', never = '', later = ''] = three.recipients;
  const script = new Script()
    .submitted('c1', 'Q1', three)
    .attempted('Q1', 'green.example', three.recipients)
    .called('c2', MX1)
    .envelope('c2', three, { [never]: '550 5.1.1 no such user', [later]: '452 4.2.2 mailbox full' })
    .content('c2', three)
    .stored('c2', MX1, yes, 'f1', three)
    .accepted('c2')
    .fact({
      kind: 'mail.bounced',
      host: OUT,
      queueId: 'Q1',
      recipients: [never],
      status: '5.1.1',
      cause: causeSaid('no such user'),
    })
    .deferred('Q1', [later], 'mailbox full', MINUTE, '4.2.2');
  const story = told(script);
  expect(beatNamed(story, 'hand-over.letter').caption.body).toContain('1 of 3 recipients got a yes');
  const refused = story.beats.filter(beat => beat.name === 'hand-over.refused');
  expect(refused.map(beat => beat.caption.title)).toEqual(['550: no such mailbox here', '452: the mailbox is full']);
  const end = lastState(story);
  expect(where(end).toSorted()).toEqual([`L1 queued at ${OUT}`, `L2 mailbox at ${bob.pop}`]);
  expect(byId(end, 'L2')).toMatchObject({ copyOf: 'L1', recipients: [yes] });
  expect(byId(end, 'L1')).toMatchObject({ recipients: [later], responsible: OUT });
  expect(end.queue).toMatchObject([{ letter: 'L1', recipients: [later], status: '4.2.2' }]);
});

describe('a 250 that gets lost', () => {
  const script = new Script()
    .submitted('c1', 'Q1')
    .attempted('Q1', 'green.example', recipients)
    .called('c2', MX1)
    .envelope('c2', letter)
    .content('c2', letter)
    .stored('c2', MX1, 'bob@green.example', 'f1')
    .close('c2', 'server', 'reset')
    .deferred('Q1', recipients, 'the connection broke after the letter', MINUTE, '4.4.2')
    .jump(MINUTE)
    .attempted('Q1', 'green.example', recipients);
  delivered(script, 'c3', 'f2').dequeued('Q1');
  script.collecting('c4', bob, 'f1', 'f2').retrieved('c4', 1, letter).retrieved('c4', 2, letter).left('c4', bob);
  const story = told(script);

  test('leaves the letter in two places, and nobody knows', () => {
    const lost = beatNamed(story, 'connection.lost');
    expect(lost.caption.title).toBe('Nobody knows whether it arrived');
    expect(where(stateAfter(story, lost))).toEqual([`L1 mailbox at ${bob.pop}`, `L2 queued at ${OUT}`]);
  });

  test('makes a second copy in the mailbox, and both come home', () => {
    const stores = story.beats.filter(beat => beat.name === 'deliver.store');
    expect(stores.map(beat => beat.caption.title)).toEqual(['Into the mailbox of Bob', 'A second copy for Bob']);
    const [, second] = stores;
    const stored = second ? stateAfter(story, second) : story.start;
    expect(where(stored)).toEqual([`L1 mailbox at ${bob.pop}`, `L2 mailbox at ${bob.pop}`]);
    expect(stored.hosts[bob.pop]?.mailbox).toBe(2);
    expect(byId(stored, 'L2')).toMatchObject({ copyOf: 'L1', messageId: letter.messageId });
    expect(story.inbox.map(entry => entry.letter)).toEqual(['L1', 'L2']);
  });
});

describe('a letter that is sent on', () => {
  const toSales: Letter = { ...letter, recipients: ['sales@green.example'] };
  const arriving = (to: Letter) =>
    new Script()
      .submitted('c1', 'Q1', to)
      .attempted('Q1', 'green.example', to.recipients)
      .called('c2', MX1)
      .envelope('c2', to)
      .content('c2', to);
  const expanded = { kind: 'mail.expanded', host: MX1, messageId: letter.messageId, connection: 'c2' } as const;

  test.each([['c2'], [null]])(
    'by an alias, as a copy with another recipient and the same sender (connection %s)',
    connection => {
      const onto: Letter = { ...letter, recipients: ['alice@blue.example'] };
      const script = arriving(toSales)
        .fact({
          ...expanded,
          address: 'sales@green.example',
          as: 'alias',
          recipients: ['bob@green.example', 'alice@blue.example'],
          reversePath: letter.reversePath,
        })
        .stored('c2', MX1, 'bob@green.example', 'f1')
        .fact({
          kind: 'mail.queued',
          host: MX1,
          queueId: 'Q2',
          ...onto,
          ...(connection === null ? {} : { connection }),
        })
        .accepted('c2')
        .dequeued('Q1');
      const story = told(script);
      const beat = beatNamed(story, 'deliver.alias');
      expect(beat.caption.title).toBe('sales@green.example is somebody else');
      expect(names(story)).not.toContain('queue.recovered');
      const end = lastState(story);
      expect(where(end).toSorted()).toEqual([`L1 mailbox at ${bob.pop}`, `L2 queued at ${MX1}`]);
      expect(byId(end, 'L2')).toMatchObject({
        copyOf: 'L1',
        reversePath: 'alice@blue.example',
        subject: 'Lunch?',
        responsible: MX1,
      });
      expect(end.queue).toMatchObject([{ host: MX1, queueId: 'Q2', letter: 'L2', recipients: ['alice@blue.example'] }]);
    },
  );

  test('by a list, as a letter for each member from the list; the one that came in has come to its end', () => {
    const members = ['bob@green.example', 'alice@blue.example'];
    const owner = 'club-bounces@green.example';
    const club: Letter = { ...letter, recipients: ['club@green.example'] };
    const script = arriving(club)
      .fact({ ...expanded, address: 'club@green.example', as: 'list', recipients: members, reversePath: owner })
      .fact({
        kind: 'mail.queued',
        host: MX1,
        queueId: 'Q2',
        ...letter,
        reversePath: owner,
        recipients: ['bob@green.example'],
      })
      .fact({
        kind: 'mail.queued',
        host: MX1,
        queueId: 'Q3',
        ...letter,
        reversePath: owner,
        recipients: ['alice@blue.example'],
      })
      .accepted('c2')
      .dequeued('Q1')
      .attempted('Q3', 'blue.example', ['alice@blue.example'], MX1)
      .called('c3', alice.pop, MX1)
      .envelope('c3', { reversePath: owner, recipients: ['alice@blue.example'] })
      .content('c3', letter)
      .stored('c3', alice.pop, 'alice@blue.example', 'f2', { ...letter, reversePath: owner })
      .accepted('c3');
    const story = told(script);
    expect(beatNamed(story, 'deliver.list').caption.body).toContain('sender is now the **list**');
    const end = lastState(story);
    expect(where(end).toSorted()).toEqual([`L2 queued at ${MX1}`, `L3 mailbox at ${alice.pop}`]);
    expect(end.letters.map(({ reversePath, copyOf }) => [reversePath, copyOf])).toEqual([
      [owner, 'L1'],
      [owner, 'L1'],
    ]);
  });

  test.each([[true], [false]])('by a backup exchanger: it says 250, keeps it, and hands it on (said so: %s)', said => {
    const script = new Script().submitted('c1', 'Q1').attempted('Q1', 'green.example', recipients).called('c2', MX2);
    script.envelope('c2', letter).content('c2', letter);
    if (said)
      script.fact({
        ...expanded,
        host: MX2,
        address: 'bob@green.example',
        as: 'backup',
        recipients,
        reversePath: letter.reversePath,
      });
    script
      .fact({ kind: 'mail.queued', host: MX2, queueId: 'B1', connection: 'c2', ...letter })
      .accepted('c2')
      .dequeued('Q1')
      .attempted('B1', 'green.example', recipients, MX2)
      .called('c3', MX1, MX2)
      .envelope('c3', letter)
      .content('c3', letter)
      .stored('c3', MX1, 'bob@green.example', 'f1')
      .accepted('c3')
      .dequeued('B1', MX2);
    const story = told(script);
    expect(stateAfter(story, beatNamed(story, 'hand-over.backup')).queue).toMatchObject([
      { host: OUT },
      { host: MX2, letter: 'L1' },
    ]);
    expect(story.beats.find(beat => beat.name === 'hand-over.accepted')?.caption.title).toBe(
      '“250”, though it is not the mailbox',
    );
    const end = lastState(story);
    expect(where(end)).toEqual([`L1 mailbox at ${bob.pop}`]);
    expect(end.letters[0]?.postmarks.map(({ host }) => host)).toEqual([OUT, MX2, MX1]);
    expect(end.queue).toEqual([]);
  });
});

test('one letter for two mailboxes crosses once and becomes two files', () => {
  const two: Letter = { ...letter, recipients: ['bob@green.example', 'bert@green.example'] };
  const script = new Script()
    .submitted('c1', 'Q1', two)
    .attempted('Q1', 'green.example', two.recipients)
    .called('c2', MX1)
    .envelope('c2', two)
    .content('c2', two)
    .stored('c2', MX1, 'bob@green.example', 'f1')
    .stored('c2', MX1, 'bert@green.example', 'f2')
    .accepted('c2');
  const story = told(script);
  const end = lastState(story);
  expect(end.letters.map(({ id, recipients: to, copyOf }) => `${id} for ${to}, copy of ${copyOf}`).toSorted()).toEqual([
    'L1 for bob@green.example, copy of null',
    'L2 for bert@green.example, copy of L1',
  ]);
  expect(story.beats.filter(beat => beat.name === 'deliver.store')).toHaveLength(2);
});

describe('a recording made to make the queue grow', () => {
  test('keeps a bounded number of entries and answers in the state, and counts all', () => {
    const script = new Script();
    for (let nth = 0; nth < 1000; nth += 1) {
      script.fact({ kind: 'mail.queued', host: OUT, queueId: `Q${nth}`, ...letterOf(`-${nth}`) });
      script.fact({
        kind: 'cache.stored',
        host: OUT,
        name: `${nth}.example`,
        type: 'MX',
        answers: [],
        negative: true,
        seconds: 9,
      });
    }
    const teller = told(new Script().fact({ kind: 'marker', label: 'nothing' }));
    expect(lastState(teller).queue).toEqual([]);
    const story = told(Object.assign(new Script(), { events: script.events.slice(0, 600) }));
    const { queue, cache, hosts } = lastState(story);
    expect(queue).toHaveLength(128);
    expect(cache).toHaveLength(128);
    expect(hosts[OUT]?.queue).toBe(300);
    expect(story.beats.filter(beat => beat.name === 'queue.recovered')).toHaveLength(1);
  });
});
