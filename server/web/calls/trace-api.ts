/** The trace of a room as a file, as far as it has grown. */
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { ROOM_CALLS } from '../../../shared/api/routes.ts';
import { encodeHeader } from '../../../shared/trace/codec.ts';
import type { Room } from '../../rooms/room.ts';
import { type Route, route } from './route.ts';

export const traceRoute = (room: Room): Route =>
  route(ROOM_CALLS.trace, async (_request, response) => {
    const { header } = room.recorder;
    const octets = room.recorder.octets();
    response.writeHead(200, {
      'content-type': 'application/x-ndjson; charset=utf-8',
      'content-disposition': `attachment; filename="mailscope-${header.createdAt.replaceAll(':', '-')}.trace.ndjson"`,
      'cache-control': 'no-store',
    });
    function* text() {
      yield `${JSON.stringify(encodeHeader(header))}\n`;
      yield* octets;
    }
    try {
      await pipeline(Readable.from(text()), response);
    } catch (error) {
      // Whoever asked went away.
      if (!response.destroyed) throw error;
    }
  });
