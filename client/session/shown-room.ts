/** The room that the page shows, and the requests about it. */
import { type RoomApi, roomApi } from '../source/room-api.ts';
import { player } from './store.ts';

/** Null is one's own world, also while a recording is shown. */
export function shownRoom(): string | null {
  const { source } = player.getState();
  return source.kind === 'live' ? source.room : null;
}

export const shownRoomApi = (): RoomApi => roomApi(shownRoom());
