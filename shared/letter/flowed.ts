/** Text in the form that flows: lines that end in a space go on, each depth of quoting for itself (RFC 3676). */

interface Paragraph {
  readonly depth: number;
  text: string;
  /** Its last line ended in a space. */
  goesOn: boolean;
}

/** RFC 3676 §4.3: the line before a signature is never part of a paragraph. */
const SIGNATURE = '-- ';

/** Lines are parted by LF or CRLF, before and after. `delSp`: the space at the end of a line is none of the text (§4.2). */
export function unflowed(text: string, delSp: boolean): string {
  const paragraphs: Paragraph[] = [];
  for (const line of text.split(/\r?\n/)) {
    const depth = /^>*/.exec(line)?.[0].length ?? 0;
    // §4.4: one space may be stuffed in before what is said.
    const said = line.slice(depth).replace(/^ /, '');
    const flows = said.endsWith(' ') && said !== SIGNATURE;
    const words = flows && delSp ? said.slice(0, -1) : said;
    const open = paragraphs.at(-1);
    if (open?.goesOn && open.depth === depth && said !== SIGNATURE) {
      open.text += words;
      open.goesOn = flows;
    } else paragraphs.push({ depth, text: words, goesOn: flows });
  }
  return paragraphs.map(({ depth, text: words }) => (depth === 0 ? words : `${'>'.repeat(depth)} ${words}`)).join('\n');
}
