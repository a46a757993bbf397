/** Nonsense by HTTP and by WebSocket harms nobody: the next honest request is served. The long run is `npm run fuzz`. */
import { expect, test } from 'vitest';
import { fuzzHttp, fuzzWebSocket } from './web.ts';

test.each([
  ['requests', fuzzHttp],
  ['frames', fuzzWebSocket],
])('whatever %s come, the next honest one is served and nothing of ours fails', async (_what, fuzz) => {
  expect(await fuzz(150, 20)).toMatchObject({ iterations: 150, served: 150 });
});
