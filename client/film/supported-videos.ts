/** Which video formats this browser can encode, asked before any library is fetched. */
import type { VideoKind } from './video.ts';

/** AVC High at level 4.0 to 5.2, and VP9's profile 0: the levels of screen sizes. */
const NAMES: Readonly<Record<VideoKind, readonly string[]>> = {
  mp4: ['avc1.640028', 'avc1.640032', 'avc1.640034'],
  webm: ['vp09.00.41.08', 'vp8'],
};

async function canEncode(kind: VideoKind): Promise<boolean> {
  if (!('VideoEncoder' in window)) return false;
  for (const codec of NAMES[kind]) {
    // Firefox answers by a rejection where it does not know a codec's name.
    const answer = await VideoEncoder.isConfigSupported({ codec, width: 1280, height: 720 }).catch(() => null);
    if (answer?.supported === true) return true;
  }
  return false;
}

/** Supported kinds, the most widely playable first. */
export async function supportedVideoKinds(): Promise<readonly VideoKind[]> {
  const kinds = ['mp4', 'webm'] as const;
  const supported = await Promise.all(kinds.map(canEncode));
  return kinds.filter((_, index) => supported[index]);
}
