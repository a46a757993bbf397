/** The text at an address, no more of it than this page opens. Knows nothing of what it says. */

/** The codec's own bound; a bigger file is not even read. */
export const LARGEST = 64 * 1024 * 1024;

export const tooLarge = (name: string): string => `${name} is larger than 64 MB, which is more than this page opens.`;

export type TextFound =
  | { readonly ok: true; readonly name: string; readonly text: string }
  /** `missing`: there is nothing at that address. */
  | { readonly ok: false; readonly message: string; readonly missing?: boolean };

/** The body's text, or null once it turns out larger than we open: the rest is not even fetched. */
async function boundedText(response: Response): Promise<string | null> {
  if (Number(response.headers.get('content-length') ?? 0) > LARGEST) {
    await response.body?.cancel();
    return null;
  }
  const reader = response.body?.getReader();
  if (reader === undefined) return '';
  const decoder = new TextDecoder();
  const parts: string[] = [];
  let size = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    size += value.length;
    if (size > LARGEST) {
      await reader.cancel();
      return null;
    }
    parts.push(decoder.decode(value, { stream: true }));
  }
  return parts.join('') + decoder.decode();
}

/** The last part of a path, as a person would write it; an address that is no address names itself. */
export function fileName(address: string): string {
  try {
    return decodeURIComponent(new URL(address, 'http://this.site.invalid').pathname.split('/').pop() ?? '') || address;
  } catch {
    return address;
  }
}

/** On this site, or on one that lets other pages read it (CORS). `what` was looked for, for the sentence that says it is not there. */
export async function textAt(address: string, what: string, signal: AbortSignal | null = null): Promise<TextFound> {
  const name = fileName(address);
  try {
    const response = await fetch(address, { credentials: 'same-origin', signal });
    if (!response.ok) {
      const missing = response.status === 404;
      return { ok: false, message: `${address} answered ${response.status} instead of ${what}.`, missing };
    }
    const text = await boundedText(response);
    return text === null ? { ok: false, message: tooLarge(name) } : { ok: true, name, text };
  } catch {
    return {
      ok: false,
      message: `${address} could not be fetched: no answer, or its site does not let other pages read it.`,
    };
  }
}
