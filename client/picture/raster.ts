/** Makes pixels of a picture: SVG as an image, drawn on a canvas. */

/** A sentence for the viewer about a picture or a film that cannot be made here. */
export class PictureFailure extends Error {
  override readonly name = 'PictureFailure';
}

/** A data URL and not a blob's: the page's security policy lets images come from nowhere else. */
export async function imageOf(svg: string): Promise<HTMLImageElement> {
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;
  try {
    await image.decode();
  } catch {
    throw new PictureFailure('This browser cannot draw the picture; save it as SVG instead.');
  }
  return image;
}

export function canvasOf(width: number, height: number): HTMLCanvasElement {
  const canvas = document.createElement('canvas');
  canvas.width = width;
  canvas.height = height;
  return canvas;
}

/** `readback`: its pixels are read again and again. */
export function contextOf(canvas: HTMLCanvasElement, readback = false): CanvasRenderingContext2D {
  const pen = canvas.getContext('2d', { alpha: false, willReadFrequently: readback });
  if (pen === null) throw new PictureFailure('This browser gives the page no canvas to draw on.');
  pen.imageSmoothingQuality = 'high';
  return pen;
}

export const pngOf = (canvas: HTMLCanvasElement): Promise<Blob> =>
  new Promise((resolve, reject) =>
    canvas.toBlob(
      blob =>
        blob === null
          ? reject(new PictureFailure('This picture is too large for this browser; choose a smaller size.'))
          : resolve(blob),
      'image/png',
    ),
  );
