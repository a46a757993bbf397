/** A whole run as tables: its beats, its steps and the states between them, without the bytes that crossed. */
import { rfc } from '../explain/words/references.ts';
import { PROTOCOL_IDS } from '../protocols.ts';
import { type LetterNote, toldWords } from '../story/note.ts';
import {
  type Beat,
  type Cable,
  type CacheEntry,
  type Caption,
  type Chapter,
  type HostState,
  type InboxEntry,
  type Letter,
  type Line,
  type Motion,
  type OpenConnection,
  type Postmark,
  type QueueEntry,
  type Run,
  type State,
  type Step,
  type Story,
  storyTime,
} from '../story/story.ts';
import type { Reference } from '../story/words.ts';
import { wireTime } from '../trace/event.ts';
import type { HostId } from '../world/world.ts';
import { type Book, flag, given, type Kind, made, number, oneOf, ordinal, orNull } from './book.ts';
import { Garbled } from './columns.ts';
import { worldIn } from './world.ts';

/** Of a story what a figure needs; `start` is its state before the first step. */
export type Told = Pick<Story, 'beats' | 'steps' | 'lines' | 'chapters' | 'runs' | 'inbox' | 'start' | 'end'> &
  Pick<Story['header'], 'title' | 'createdAt' | 'world'>;

interface HostIn {
  readonly id: HostId;
  readonly state: HostState;
}

const NOTHING = new Uint8Array();

const protocol = oneOf(...PROTOCOL_IDS);
const outcome = orNull(oneOf('ok', 'no', 'wait'));
const chapterKind = oneOf('press-send', 'find-the-server', 'hand-over', 'deliver', 'collect', 'other');
const moment = made(number, storyTime, Number);
const wireMoment = made(number, wireTime, Number);

/** By its label alone: the address follows from that, and a file can lead nowhere else. */
function referenceOf(label: string): Reference {
  const [, number, section] = /^RFC (\d+)(?: §([\w.-]+))?$/.exec(label) ?? [];
  if (number === undefined) throw new Garbled('A reference is to no RFC.');
  return rfc(Number(number), section);
}

function stateIn(book: Book, world: Kind<State['world']>): Kind<State> {
  const { text } = book;
  const texts = book.list(text);
  const name = orNull(text);
  const postmark = book.record<Postmark>({ host: text, wireAt: wireMoment });
  const report = book.record<NonNullable<Letter['report']>>({
    action: oneOf('failed', 'delayed', 'delivered', 'relayed', 'expanded'),
    about: name,
  });
  const letter = book.record<Letter>({
    id: text,
    messageId: given(''),
    reversePath: text,
    recipients: texts,
    subject: text,
    size: number,
    at: text,
    place: oneOf('written', 'travelling', 'queued', 'mailbox', 'inbox', 'refused', 'given-up'),
    postmarks: book.list(postmark),
    responsible: text,
    note: made<LetterNote, string>(text, words => ({ code: 'told', words }), toldWords),
    queueId: given(null),
    deferred: given(null),
    report: orNull(report),
    copyOf: name,
  });
  const entry = book.record<QueueEntry>({
    host: text,
    queueId: given(''),
    letter: name,
    reversePath: given(''),
    recipients: given([]),
    arrivedAt: given(wireTime(0)),
    attempts: given(0),
    nextAt: orNull(wireMoment),
    cause: given(null),
    status: given(''),
  });
  const memory = book.record<CacheEntry>({
    host: text,
    name: text,
    type: text,
    answers: texts,
    negative: flag,
    expiresAt: wireMoment,
    hits: given(0),
  });
  const hostState = book.record<HostState>({ queue: number, mailbox: number, inbox: number, locked: flag });
  const host = book.record<HostIn>({ id: text, state: hostState });
  const connection = book.record<OpenConnection>({
    id: given(''),
    protocol,
    client: text,
    server: text,
    port: given(0),
  });
  return book.record<State>({
    letters: book.list(letter),
    hosts: made<State['hosts'], readonly HostIn[]>(
      book.list(host),
      hosts => Object.fromEntries(hosts.map(({ id, state }) => [id, state])),
      hosts => Object.entries(hosts).map(([id, state]) => ({ id, state })),
    ),
    connections: book.list(connection),
    focus: name,
    world,
    jumped: number,
    queue: book.list(entry),
    cache: book.list(memory),
  });
}

export function runIn(book: Book): Kind<Told> {
  const { text } = book;
  const name = orNull(text);
  const world = worldIn(book);
  const state = stateIn(book, world);
  const reference = made<Reference, string>(text, referenceOf, ({ label }) => label);
  const caption = book.record<Caption>({ protocol, title: text, body: text, references: book.list(reference) });
  const motion = book.record<Motion>({
    kind: oneOf('letter', 'postcard', 'line', 'dial'),
    protocol,
    from: text,
    to: text,
    label: book.list(text),
    reply: flag,
    verdict: outcome,
    letter: name,
  });
  const cable = book.record<Cable>({ from: text, to: text, protocol });
  const beats = book.sequence<Beat>({
    index: ordinal,
    name: text,
    chapter: chapterKind,
    caption,
    start: moment,
    end: moment,
    wireStart: wireMoment,
    wireEnd: wireMoment,
    firstStep: number,
    lastStep: number,
    run: number,
    failed: flag,
    told: given(null),
  });
  const steps = book.sequence<Step>({
    index: ordinal,
    beat: number,
    start: moment,
    end: moment,
    wireAt: wireMoment,
    seq: given(0),
    motion: orNull(motion),
    cable: orNull(cable),
    hosts: book.list(text),
    after: state,
    jump: number,
    lines: number,
  });
  const lines = book.sequence<Line>({
    index: ordinal,
    step: number,
    beat: number,
    shownAt: moment,
    wireAt: wireMoment,
    seq: given(0),
    connection: text,
    protocol,
    from: oneOf('client', 'server', 'aside'),
    client: text,
    server: text,
    port: number,
    text,
    bytes: given(NOTHING),
    framing: given(0),
    omitted: number,
    role: oneOf('command', 'reply', 'content', 'question', 'answer', 'aside'),
    verdict: outcome,
    letter: name,
  });
  return book.record<Told>({
    title: text,
    createdAt: text,
    world,
    beats,
    steps,
    lines,
    chapters: book.sequence<Chapter>({ kind: chapterKind, title: text, run: number, start: moment, end: moment }),
    runs: book.sequence<Run>({
      index: ordinal,
      title: text,
      start: moment,
      end: moment,
      firstBeat: number,
      lastBeat: number,
    }),
    inbox: book.sequence<InboxEntry>({
      host: text,
      letter: text,
      raw: given(NOTHING),
      omitted: number,
      wireAt: wireMoment,
      shownAt: moment,
    }),
    start: state,
    end: moment,
  });
}
