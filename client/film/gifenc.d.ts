/** What is used of gifenc 1.0.3, which has no types of its own. */
declare module 'gifenc' {
  export type Rgb = [number, number, number];
  interface FrameOptions {
    /** Of the first frame: it becomes the palette of all. */
    palette?: Rgb[];
    first?: boolean;
    transparent?: boolean;
    transparentIndex?: number;
    /** Milliseconds; a GIF counts hundredths of a second. */
    delay?: number;
    /** 0 for ever, -1 once. */
    repeat?: number;
    dispose?: number;
  }
  interface Encoder {
    writeHeader(): void;
    writeFrame(index: Uint8Array, width: number, height: number, options: FrameOptions): void;
    finish(): void;
    /** What is written so far, not a copy. */
    bytesView(): Uint8Array;
    bytes(): Uint8Array<ArrayBuffer>;
  }
  export function GIFEncoder(options: { auto: boolean; initialCapacity?: number }): Encoder;
  export function quantize(rgba: Uint8ClampedArray, colours: number, options: { format: 'rgb565' }): Rgb[];
}
