/** The HTML of a letter as its frame gets it: nothing that runs, loads, sends or leads away, with its own styles and its own images. */

/** An image of the letter itself, by its Content-ID (RFC 2392). */
export interface InlineImage {
  readonly contentId: string;
  readonly type: string;
  readonly content: Uint8Array;
}

/** Elements that go with all that is in them: they run, load or send, or hint at what could be loaded, which no policy covers. */
const TAKEN_OUT =
  'script, noscript, link, base, meta, iframe, frame, frameset, object, embed, applet, portal, audio, video, source, track, template, dialog';
/** Elements that go, while what is in them stays. */
const UNWRAPPED = 'form, fieldset, map';
const DISABLED = 'input, button, select, textarea';
/** Attributes that may stay beside `style`; none of them names an address or does anything. */
const KEPT =
  /^(?:style|class|id|lang|dir|title|alt|width|height|align|valign|bgcolor|color|face|size|border|cellpadding|cellspacing|colspan|rowspan|start|type|value|role|aria-[a-z]+|hspace|vspace|nowrap|noshade|span|summary|scope|abbr|datetime|name)$/;
const IMAGE = /^image\/(?:png|jpe?g|gif|webp|bmp|avif|svg\+xml)$/;
/** Octets of images that are put into one frame. */
const LARGEST_IMAGES = 16 * 1024 * 1024;

function dataAddress({ type, content }: InlineImage): string {
  let text = '';
  for (let at = 0; at < content.length; at += 8192) text += String.fromCharCode(...content.subarray(at, at + 8192));
  return `data:${type};base64,${btoa(text)}`;
}

const decoded = (contentId: string): string => {
  try {
    return decodeURIComponent(contentId);
  } catch {
    return contentId; // a lone % sign: it stands for itself
  }
};

/** The address of an image that comes with the letter, or null: everything else is remote and is not shown. */
function imageOf(address: string, images: readonly InlineImage[]): string | null {
  if (/^data:image\//i.test(address)) return address;
  const wanted = /^cid:(.*)$/is.exec(address.trim())?.[1];
  if (wanted === undefined) return null;
  const found = images.find(({ contentId }) => contentId === wanted || contentId === decoded(wanted));
  return found !== undefined && IMAGE.test(found.type) && found.content.length <= LARGEST_IMAGES
    ? dataAddress(found)
    : null;
}

function cleanElement(element: Element, images: readonly InlineImage[]): void {
  const { tagName } = element;
  const source = tagName === 'IMG' || tagName === 'img' ? element.getAttribute('src') : null;
  const leadsTo = tagName === 'A' ? element.getAttribute('href') : null;
  for (const { name } of [...element.attributes]) if (!KEPT.test(name)) element.removeAttribute(name);
  if (source !== null) {
    const image = imageOf(source, images);
    if (image !== null) element.setAttribute('src', image);
  }
  // Where a link leads can be read, and is not gone to.
  if (leadsTo !== null && !element.hasAttribute('title')) element.setAttribute('title', leadsTo.slice(0, 1000));
}

/** Light paper and dark ink, whatever the page around it wears: letters are written for that. */
const SHEET =
  ':root{color-scheme:light;background:#fff;color:#1a1a1a;font:15px/1.5 "Helvetica Neue",Arial,"DejaVu Sans",sans-serif}body{margin:12px;overflow-wrap:anywhere}a{color:#0b57d0;text-decoration:underline;cursor:help}img{max-width:100%}table{max-width:100%}';

/** Head and body as text; what the letter says of its whole document, its body says. */
export function letterHtml(html: string, images: readonly InlineImage[]): string {
  const letter = new DOMParser().parseFromString(html, 'text/html');
  for (const element of letter.querySelectorAll(TAKEN_OUT)) element.remove();
  for (const element of letter.querySelectorAll(UNWRAPPED)) element.replaceWith(...element.childNodes);
  for (const element of letter.querySelectorAll(DISABLED)) element.setAttribute('disabled', '');
  for (const element of letter.querySelectorAll('*')) cleanElement(element, images);
  for (const element of letter.querySelectorAll(DISABLED)) element.setAttribute('disabled', '');
  const sheet = letter.createElement('style');
  sheet.textContent = SHEET;
  letter.head.prepend(sheet);
  for (const name of ['dir', 'lang'])
    if (!letter.body.hasAttribute(name) && letter.documentElement.hasAttribute(name))
      letter.body.setAttribute(name, letter.documentElement.getAttribute(name) ?? '');
  if (!letter.body.hasAttribute('dir')) letter.body.setAttribute('dir', 'auto');
  return letter.documentElement.innerHTML;
}
