/** The requests about one room: its letters, its world with faults, clock and queues, its trace. */
import {
  type CollectRequest,
  type CollectWishes,
  type LetterSent,
  type LetterToSend,
  letterSent,
  type SendAgainRequest,
  type StrangerCall,
} from '../../shared/api/letters.ts';
import { type Call, inRoom, pathTo, ROOM_CALLS } from '../../shared/api/routes.ts';
import {
  type ClockFacts,
  type ConnectFacts,
  clockAnswer,
  type EditRequest,
  type FaultRequest,
  type MoveRequest,
  worldAnswer,
} from '../../shared/api/world.ts';
import type { Fault, FaultWhat } from '../../shared/faults/fault.ts';
import { worldInHeader } from '../../shared/world/validate.ts';
import { type Answer, anyBody, json, type Reader, refusedAnswer, request, shaped } from './api.ts';
import type { WorldFacts } from './source.ts';

const worldFacts: Reader<WorldFacts> = body => {
  const read = worldAnswer.safeParse(body);
  if (!read.success) return null;
  const { revision, canUndo, canRedo } = read.data;
  const world = worldInHeader(read.data.world);
  return world.ok ? { world: world.world, revision, canUndo, canRedo } : null;
};

const connection: Reader<{ readonly connect: ConnectFacts | null }> = shaped(worldAnswer);

export interface RoomApi {
  /** Answers the letter's id, as `mail.composed` has it. */
  sendLetter(letter: LetterToSend): Promise<Answer<LetterSent>>;
  /** Has the mail client of `user` (an address) check its mail. */
  checkMail(user: string, wishes?: CollectWishes): Promise<Answer<true>>;
  /** Tries a letter again that the mail client of `user` could not hand over. */
  sendAgain(user: string, id: string): Promise<Answer<true>>;
  callAsStranger(call: StrangerCall): Promise<Answer<true>>;
  /** `connect` is null in a room that other programs do not reach: a story's. */
  connectFacts(): Promise<Answer<{ readonly connect: ConnectFacts | null }>>;
  changeWorld(edit: EditRequest): Promise<Answer<WorldFacts>>;
  turnWorld(which: 'undo' | 'redo' | 'reset'): Promise<Answer<WorldFacts>>;
  setFault(what: FaultWhat, times: Fault['times']): Promise<Answer<true>>;
  /** Null clears all. */
  clearFault(id: string | null): Promise<Answer<true>>;
  /** Answered once what came due has settled. */
  moveClock(to: MoveRequest): Promise<Answer<ClockFacts>>;
  /** Has every queue try now what it was going to try later. */
  flushQueues(): Promise<Answer<true>>;
  /** Its trace as far as it has grown: NDJSON. */
  trace(): Promise<Answer<string>>;
}

/** Where the trace of a room is, as a file to be saved. */
export const traceAddress = (room: string | null): string => inRoom(ROOM_CALLS.trace.path, room);

/** `room`: the id of a story's room; null is one's own world. */
export function roomApi(room: string | null): RoomApi {
  const ask = <T>(call: Call, read: Reader<T>, body?: unknown): Promise<Answer<T>> =>
    request(call, inRoom(call.path, room), read, body === undefined ? {} : json(body));
  return {
    sendLetter: letter => ask(ROOM_CALLS.sendLetter, shaped(letterSent), letter),
    checkMail: (user, wishes = {}) => ask(ROOM_CALLS.collect, anyBody, { user, ...wishes } satisfies CollectRequest),
    sendAgain: (user, id) => ask(ROOM_CALLS.sendAgain, anyBody, { user, id } satisfies SendAgainRequest),
    callAsStranger: call => ask(ROOM_CALLS.callAsStranger, anyBody, call),
    connectFacts: () => ask(ROOM_CALLS.world, connection),
    changeWorld: edit => ask(ROOM_CALLS.changeWorld, worldFacts, edit),
    turnWorld: which => ask(ROOM_CALLS[which], worldFacts, {}),
    setFault: (what, times) => ask(ROOM_CALLS.setFault, anyBody, { ...what, times } satisfies FaultRequest),
    clearFault: id =>
      id === null
        ? ask(ROOM_CALLS.clearFaults, anyBody)
        : request(ROOM_CALLS.clearFault, inRoom(pathTo(ROOM_CALLS.clearFault, { id }), room), anyBody),
    moveClock: to => ask(ROOM_CALLS.moveClock, shaped(clockAnswer), to),
    flushQueues: () => ask(ROOM_CALLS.flushQueues, anyBody, {}),
    async trace() {
      try {
        const response = await fetch(traceAddress(room), { cache: 'no-store' });
        if (response.ok) return { ok: true, value: await response.text() };
        return refusedAnswer(`The server answered ${response.status} when asked for its recording.`);
      } catch {
        return refusedAnswer('The server does not answer, and only it has the recording.');
      }
    },
  };
}
