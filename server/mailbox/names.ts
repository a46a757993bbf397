/** The names of messages in a Maildir: made, put in order of arrival, and turned into what POP3 can say. */
import { createHash, randomBytes } from 'node:crypto';
import { eachYielding } from './iterate.ts';

const UIDL_LENGTH = 70;

/** Time of the last delivery in microseconds: each is later than the one before, also when the clock is set back. */
let lastArrival = 0;
let deliveries = 0;

/** `seconds.M<microseconds>P<pid>Q<counter>R<random>.<host>`, as maildir(5) asks; `/` and `:` of the host escaped. */
export function uniqueName(host: string): string {
  lastArrival = Math.max(lastArrival + 1, Date.now() * 1000);
  deliveries++;
  const seconds = Math.floor(lastArrival / 1_000_000);
  const micro = String(lastArrival % 1_000_000).padStart(6, '0');
  const place = host.replaceAll('/', '\\057').replaceAll(':', '\\072');
  return `${seconds}.M${micro}P${process.pid}Q${deliveries}R${randomBytes(6).toString('hex')}.${place}`;
}

/** Seconds, microseconds and counter of a unique name, as far as its maker wrote them. */
interface Arrival {
  readonly file: string;
  readonly seconds: number;
  readonly micro: number;
  readonly counter: number;
}

function arrivalOf(file: string): Arrival {
  const [, seconds = '0', rest = ''] = /^(\d{1,15})\.([^.]*)/.exec(file) ?? [];
  const micro = Number(/M(\d{1,6})/.exec(rest)?.[1] ?? '0');
  const counter = Number(/Q(\d{1,15})/.exec(rest)?.[1] ?? '0');
  return { file, seconds: Number(seconds), micro, counter };
}

const byArrival = (left: Arrival, right: Arrival): number =>
  left.seconds - right.seconds ||
  left.micro - right.micro ||
  left.counter - right.counter ||
  (left.file < right.file ? -1 : left.file > right.file ? 1 : 0);

/** Each name is taken apart once, not once a comparison. */
export async function inOrderOfArrival(files: Iterable<string>): Promise<string[]> {
  const arrivals: Arrival[] = [];
  await eachYielding(files, file => arrivals.push(arrivalOf(file)));
  return arrivals.sort(byArrival).map(({ file }) => file);
}

/** The file name itself where POP3 can say it, else a digest of it: both last as long as the file does. */
export const uidlOf = (file: string): string =>
  file.length <= UIDL_LENGTH && /^[\x21-\x7e]+$/.test(file)
    ? file
    : createHash('sha256').update(file, 'utf8').digest('hex');
