/** What a server says it can do beyond RFC 5321: the lines of its EHLO, always in the same order. Pure. */
import type { ExtensionKeyword } from '../../../shared/faults/fields.ts';
import type { Setting } from './state.ts';

/** One line each, keyword first (RFC 5321 §4.1.1.1). Asks for what is to be lacking, so it is asked once an EHLO. */
export function extensions({ limits, role, mishaps }: Setting): readonly string[] {
  const unless = (keyword: ExtensionKeyword, line: string = keyword): readonly string[] =>
    mishaps.lacks(keyword) ? [] : [line];
  const eightBit = unless('8BITMIME');
  const chunking = unless('CHUNKING');
  return [
    ...unless('PIPELINING'),
    ...unless('SIZE', `SIZE ${limits().messageSize}`),
    ...eightBit,
    // Never without 8BITMIME (RFC 6531 §3.1).
    ...(eightBit.length > 0 ? unless('SMTPUTF8') : []),
    ...unless('DSN'),
    ...chunking,
    // Never without CHUNKING (RFC 3030 §3).
    ...(chunking.length > 0 ? unless('BINARYMIME') : []),
    ...(role === 'submission' ? ['AUTH PLAIN LOGIN'] : []),
    ...unless('ENHANCEDSTATUSCODES'),
  ];
}

export const keywordOf = (line: string): string => line.split(' ', 1)[0] ?? '';
