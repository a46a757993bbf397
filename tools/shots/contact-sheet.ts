/** Many pictures on one sheet, laid out and photographed by the browser that took them. */
import type { Browser } from 'playwright-core';

export interface Picture {
  /** "3 · Then the letter itself". */
  readonly title: string;
  readonly png: Buffer;
  /** What is wrong with it, or ''. */
  readonly remark: string;
}

/** CSS pixels across one picture, and across the sheet. */
const widthOf = (pictureWidth: number): number => Math.max(240, Math.round(pictureWidth * 0.4));
const SHEET = 1800;
const GAP = 20;

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

const figure = ({ title, png, remark }: Picture): string =>
  `<figure><img src="data:image/png;base64,${png.toString('base64')}" alt=""><figcaption>${escaped(title)}${remark === '' ? '' : ` <b>${escaped(remark)}</b>`}</figcaption></figure>`;

export async function contactSheet(
  browser: Browser,
  title: string,
  pictureWidth: number,
  pictures: readonly Picture[],
): Promise<Buffer> {
  const width = widthOf(pictureWidth);
  const columns = Math.max(1, Math.min(pictures.length, Math.floor((SHEET + GAP) / (width + GAP))));
  const tab = await browser.newPage({
    viewport: { width: columns * (width + GAP) + GAP, height: 400 },
  });
  await tab.setContent(
    `<!doctype html><title>${escaped(title)}</title><style>
body{margin:${GAP}px;background:#6d7280;font:14px/1.35 sans-serif;color:#fff}
h1{font-size:20px;margin:0 0 14px}
div{display:grid;grid-template-columns:repeat(${columns},${width}px);gap:${GAP}px}
figure{margin:0}img{display:block;width:100%}figcaption{padding:6px 0}b{color:#ffd1c9}
</style><h1>${escaped(title)}</h1><div>${pictures.map(figure).join('')}</div>`,
    { waitUntil: 'load' },
  );
  const sheet = await tab.screenshot({ fullPage: true });
  await tab.close();
  return sheet;
}
