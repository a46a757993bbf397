/** What people ask of a room: that a letter is sent, tried again, fetched, or that a stranger calls. */
import { hostOf, type World } from '../../shared/world/world.ts';
import type { WorldClock } from '../base/clock.ts';
import { createStranger } from '../mail-client/stranger.ts';
import type { RoomNetwork } from '../network/network.ts';
import type { RoomRecorder } from '../record/recorder.ts';
import type { MailClients } from './clients.ts';
import type { Room } from './contract.ts';
import type { Follower, Journey } from './journey.ts';
import { followLetter } from './journey.ts';
import { visitorOf } from './outside.ts';
import type { Underway } from './running/underway.ts';

export interface Requests extends Pick<Room, 'send' | 'unsent' | 'onOutboxChange' | 'resend' | 'collect' | 'call'> {
  /** Letters are followed no further. */
  stop(): void;
}

export interface RequestsOptions {
  readonly world: () => World;
  readonly clients: MailClients;
  readonly network: RoomNetwork;
  readonly recorder: RoomRecorder;
  readonly clock: WorldClock;
  readonly underway: Underway;
}

export function createRequests({ world, clients, underway, ...ground }: RequestsOptions): Requests {
  const { network, recorder, clock } = ground;
  const followers = new Set<Follower>();
  const fetchFor = async (mailboxes: readonly string[]): Promise<void> => {
    for (const mailbox of mailboxes) if (!underway.isClosing) await clients.at(mailbox)?.collect();
  };

  return {
    send(draft, { collect = false } = {}) {
      const client = clients.at(draft.from.address);
      if (client === null) return null;
      // What arrives after a later attempt, or as a report, is fetched as it comes.
      let settled = false;
      const { id, done } = client.send(draft);
      const follower = followLetter(recorder, id, () => {
        if (settled && collect) void underway.watch(fetchFor(follower.reached()));
      });
      followers.add(follower);
      void follower.over.then(() => followers.delete(follower));
      const finish = async (): Promise<Journey> => {
        const submission = await done;
        const queued = !('kind' in submission) && submission.recipients.some(each => each.verdict === 'accepted');
        if (!queued) follower.stop();
        const fates = await follower.settled;
        if (collect) await fetchFor(follower.reached());
        settled = true;
        return { submission, fates };
      };
      return { id, finished: underway.watch(finish()) };
    },
    onOutboxChange: clients.onOutboxChange,
    unsent: address => clients.at(address)?.unsent() ?? null,
    resend(address, id) {
      const client = clients.at(address);
      return client === null ? null : underway.watch(client.resend(id));
    },
    collect(address, request) {
      const client = clients.at(address);
      return client === null ? null : underway.watch(client.collect(request));
    },
    call(host, port, words) {
      const address = hostOf(world(), host)?.addresses[0];
      if (address === undefined) return null;
      const stranger = createStranger({ network, from: visitorOf(world()), recorder, clock });
      return underway.watch(stranger.call({ address, port }, words));
    },
    stop() {
      for (const follower of followers) follower.stop();
    },
  };
}
