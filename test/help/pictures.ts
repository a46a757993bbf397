/** Compares two screenshots as an eye would: the raster may round an edge differently, a thing in another place shows. */
import type { Page } from 'playwright-core';

/** The largest difference of any colour channel of any pixel, 0..255; 255 where the sizes differ. Decoded by the browser. */
export async function largestDifference(page: Page, one: Buffer, other: Buffer): Promise<number> {
  if (one.equals(other)) return 0;
  return page.evaluate(
    async ([a, b]) => {
      const pixels = async (base64: string): Promise<ImageData> => {
        const bytes = Uint8Array.from(atob(base64), character => character.charCodeAt(0));
        const bitmap = await createImageBitmap(new Blob([bytes], { type: 'image/png' }));
        const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext('2d');
        if (context === null) throw new Error('no canvas in this browser');
        context.drawImage(bitmap, 0, 0);
        return context.getImageData(0, 0, bitmap.width, bitmap.height);
      };
      const [first, second] = [await pixels(a), await pixels(b)];
      if (first.width !== second.width || first.height !== second.height) return 255;
      let largest = 0;
      for (let at = 0; at < first.data.length; at += 1) {
        largest = Math.max(largest, Math.abs((first.data[at] ?? 0) - (second.data[at] ?? 0)));
      }
      return largest;
    },
    [one.toString('base64'), other.toString('base64')] as const,
  );
}
