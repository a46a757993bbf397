/** The index beside a Maildir: how long each letter was when its lines were counted. Only a cache: it may be deleted at any time. */
import { createHash } from 'node:crypto';
import { lstat, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isSystemError } from '../disk/durable.ts';
import { eachYielding } from './iterate.ts';
import type { Counted, Letter } from './letters.ts';

/** Not a folder, so that Maildir++ takes it for no mailbox; in none of `new`, `cur` and `tmp`, so that nobody takes it for mail. */
const NAME = '.mailscope-index';
const FORMAT = 'mailscope-index 1';
/** Octets; about 600,000 letters. A longer one is not read, and not written. */
const LIMIT = 64 * 1024 * 1024;
/** Octets of `FORMAT`, a space, a digest in hex and a line feed. */
const HEAD = FORMAT.length + 66;

/** Octets that are digested in one go. */
const SLICE = 1024 * 1024;

async function digestOf(body: Buffer): Promise<string> {
  const hash = createHash('sha256');
  const slices = Array.from({ length: Math.ceil(body.length / SLICE) }, (_, nth) => nth * SLICE);
  await eachYielding(slices, at => hash.update(body.subarray(at, at + SLICE)));
  return hash.digest('hex');
}

export interface IndexFile {
  /**
   * What it says of each letter, by unique name. Nothing where there is none, and where it is torn, of another format, too
   * long or no file; whoever trusts an entry looks first whether the file still has that length and time.
   */
  read(): Promise<ReadonlyMap<string, Counted>>;
  /** In place of what was there. Never rejects for the file system: without it the letters are counted again. */
  write(letters: Iterable<readonly [string, Letter]>): Promise<void>;
}

export function indexFileIn(directory: string): IndexFile {
  const path = join(directory, NAME);
  return {
    async read() {
      const body = await whole(path);
      const entries = new Map<string, Counted>();
      if (body === null) return entries;
      await eachYielding(linesOf(body), line => {
        const [, length = '', size = '', mtimeMs = '', file = ''] =
          /^(\d{1,15}) (\d{1,15}) (\d{1,15}(?:\.\d{1,9})?) (.+)$/.exec(line) ?? [];
        const entry = { length: Number(length), size: Number(size), mtimeMs: Number(mtimeMs) };
        // A CRLF form is never shorter than the file, nor longer than twice that and one line end.
        if (file !== '' && entry.size >= entry.length && entry.size <= 2 * entry.length + 2) entries.set(file, entry);
      });
      return entries;
    },
    async write(letters) {
      const lines: string[] = [];
      await eachYielding(letters, ([file, { length, size, mtimeMs }]) => {
        if (size !== null && !file.includes('\n')) lines.push(`${length} ${size} ${mtimeMs} ${file}\n`);
      });
      const body = Buffer.from(lines.join(''), 'utf8');
      if (body.length > LIMIT) return;
      try {
        await rm(`${path}.tmp`, { force: true });
        await writeFile(`${path}.tmp`, [`${FORMAT} ${await digestOf(body)}\n`, body], { mode: 0o600, flag: 'wx' });
        await rename(`${path}.tmp`, path);
      } catch (error) {
        if (!isSystemError(error)) throw error;
        await rm(`${path}.tmp`, { force: true }).catch(() => undefined);
      }
    },
  };
}

/** What follows the head, where that vouches for it. */
async function whole(path: string): Promise<Buffer | null> {
  try {
    const entry = await lstat(path);
    if (!entry.isFile() || entry.size > LIMIT + HEAD) return null;
    const text = await readFile(path);
    const body = text.subarray(HEAD);
    return text.subarray(0, HEAD).toString('latin1') === `${FORMAT} ${await digestOf(body)}\n` ? body : null;
  } catch (error) {
    if (!isSystemError(error)) throw error;
    return null;
  }
}

/** One by one: none of them keeps the whole text alive. */
function* linesOf(body: Buffer): Generator<string> {
  let from = 0;
  for (let to = body.indexOf(0x0a); to >= 0; to = body.indexOf(0x0a, from)) {
    yield body.toString('utf8', from, to);
    from = to + 1;
  }
}
