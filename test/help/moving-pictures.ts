/** Reads what films are made of, as strictly as a player would: a GIF block by block, a video packet by packet. */
import { ALL_FORMATS, BufferSource, EncodedPacketSink, Input } from 'mediabunny';

export interface GifFacts {
  readonly width: number;
  readonly height: number;
  /** Hundredths of a second, one a frame. */
  readonly delays: readonly number[];
}

/** Throws where a block is none of GIF89a's, where a frame lies outside the picture, or where the file does not end with its trailer. */
export function readGif(bytes: Uint8Array): GifFacts {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (new TextDecoder().decode(bytes.subarray(0, 6)) !== 'GIF89a') throw new Error('no GIF89a');
  const [width, height] = [view.getUint16(6, true), view.getUint16(8, true)];
  const tableOf = (packed: number): number => ((packed & 0x80) === 0 ? 0 : 3 * 2 ** ((packed & 7) + 1));
  let at = 13 + tableOf(view.getUint8(10));
  const delays: number[] = [];
  let delay = 0;
  const skipBlocks = (): void => {
    for (let size = view.getUint8(at); ; size = view.getUint8(at)) {
      at += 1 + size;
      if (size === 0) return;
    }
  };
  for (;;) {
    const kind = view.getUint8(at);
    if (kind === 0x3b) {
      if (at !== bytes.length - 1) throw new Error('something follows the trailer');
      return { width, height, delays };
    }
    if (kind === 0x21) {
      if (view.getUint8(at + 1) === 0xf9) delay = view.getUint16(at + 4, true);
      at += 2;
      skipBlocks();
    } else if (kind === 0x2c) {
      const place = (offset: number): number => view.getUint16(at + offset, true);
      const [x, y, w, h] = [place(1), place(3), place(5), place(7)];
      if (x + w > width || y + h > height) throw new Error(`a frame lies outside: ${x} ${y} ${w} ${h}`);
      at += 10 + tableOf(view.getUint8(at + 9)) + 1;
      skipBlocks();
      delays.push(delay);
    } else throw new Error(`octet ${at} begins no block: ${kind}`);
  }
}

export interface VideoFacts {
  readonly width: number;
  readonly height: number;
  readonly frames: number;
  readonly keyFrames: number;
  /** Of each frame, in order: seconds. */
  readonly times: readonly number[];
  readonly codec: string | null;
}

export async function readVideo(bytes: Uint8Array<ArrayBuffer>): Promise<VideoFacts> {
  const input = new Input({ source: new BufferSource(bytes.buffer), formats: ALL_FORMATS });
  const track = await input.getPrimaryVideoTrack();
  if (track === null) throw new Error('no video in it');
  const times: number[] = [];
  let keyFrames = 0;
  for await (const packet of new EncodedPacketSink(track).packets()) {
    times.push(packet.timestamp);
    if (packet.type === 'key') keyFrames += 1;
  }
  const [width, height] = [track.displayWidth, track.displayHeight];
  return { width, height, frames: times.length, keyFrames, times, codec: track.codec };
}

/** Width and height of a PNG, from its first chunk. */
export function readPng(bytes: Uint8Array): { readonly width: number; readonly height: number } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint32(0) !== 0x89504e47) throw new Error('no PNG');
  return { width: view.getUint32(16), height: view.getUint32(20) };
}
