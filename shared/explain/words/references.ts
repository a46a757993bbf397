/** Where a rule is written: RFC sections as labels and links. */
import type { Reference } from '../../story/words.ts';

/** `rfc(5321, '5.1')` is "RFC 5321 §5.1" with its address. */
export const rfc = (number: number, section?: string): Reference => ({
  label: section ? `RFC ${number} §${section}` : `RFC ${number}`,
  url: `https://www.rfc-editor.org/rfc/rfc${number}${section ? `#section-${section}` : ''}`,
});
