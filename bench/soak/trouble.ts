/** What goes wrong in a soak: faults set and cleared, jumps of the clock, edits of the world. */
import { callApi, member } from '../attack/calls.ts';
import type { Company } from './people.ts';

const MX1 = 'mx1.green.example';
const FAULTS: readonly Readonly<Record<string, unknown>>[] = [
  { kind: 'host-off', host: MX1 },
  { kind: 'host-off', host: 'mx2.green.example' },
  { kind: 'host-off', host: 'mail.blue.example' },
  { kind: 'host-slow', host: MX1, milliseconds: 300 },
  { kind: 'disk-full', host: MX1 },
  { kind: 'greylist', host: MX1, seconds: 300 },
  { kind: 'mailbox-full', mailbox: 'bob@green.example' },
  { kind: 'wrong-password', user: 'bob@green.example' },
  { kind: 'answer', at: { server: MX1, port: 25, verb: 'RCPT' }, code: 450, text: 'later' },
  { kind: 'answer', at: { server: MX1, port: 25, verb: 'END-OF-DATA' }, code: 554, text: 'never' },
  { kind: 'answer', at: { server: 'smtp.blue.example', port: 587, verb: 'END-OF-DATA' }, code: 451, text: 'later' },
  { kind: 'drop', at: { server: MX1, port: 25, verb: 'DATA' } },
  { kind: 'reset', at: { server: MX1, port: 25, verb: 'MAIL' } },
  { kind: 'cut', at: { server: MX1, port: 25, verb: 'END-OF-DATA' }, octets: 40 },
  { kind: 'lose-reply', at: { server: MX1, port: 25, verb: 'END-OF-DATA' } },
  { kind: 'lose-reply', at: { server: 'smtp.blue.example', port: 587, verb: 'END-OF-DATA' } },
  { kind: 'slow-cable', between: ['smtp.blue.example', MX1], latency: 50, bytesPerSecond: 200_000 },
  { kind: 'dns-answer', name: 'green.example', type: 'MX', rcode: 'SERVFAIL' },
  { kind: 'dns-answer', name: 'green.example', type: 'MX', rcode: 'NXDOMAIN' },
  { kind: 'dns-truncate', name: 'green.example', type: 'MX' },
];
const JUMPS = [60, 600, 4 * 3600, 86_400];
const PATIENCE = 8000;

async function edit({ ready, random }: Company): Promise<void> {
  const { body } = await callApi(ready.url, 'GET', 'world', undefined, PATIENCE);
  const world = member(body, 'world');
  if (typeof world !== 'object' || world === null) return;
  const renamed = { ...world, name: `soak ${Math.floor(random() * 1000)}` };
  await callApi(ready.url, 'PUT', 'world', { world: renamed, what: 'Renamed.' }, PATIENCE);
}

/** One of them, by chance. */
export async function makeTrouble(company: Company): Promise<void> {
  const { ready, random } = company;
  const drawn = random();
  if (drawn < 0.4) {
    const fault = FAULTS[Math.floor(random() * FAULTS.length)];
    await callApi(ready.url, 'POST', 'faults', { ...fault, times: random() < 0.7 ? 'next' : 'always' }, PATIENCE);
  } else if (drawn < 0.65) await callApi(ready.url, 'DELETE', 'faults', undefined, PATIENCE);
  else if (drawn < 0.75) await edit(company);
  else if (drawn < 0.8) await callApi(ready.url, 'POST', 'world/undo', {}, PATIENCE);
  else if (drawn < 0.9) await callApi(ready.url, 'POST', 'clock', { to: 'next' }, PATIENCE);
  else {
    const advance = JUMPS[Math.floor(random() * JUMPS.length)] ?? 60;
    await callApi(ready.url, 'POST', 'clock', { advance }, PATIENCE);
  }
}

/** Clears all faults and moves the clock on until nothing waits, or for so many milliseconds. */
export async function drain(url: string, within: number): Promise<void> {
  const end = performance.now() + within;
  await callApi(url, 'DELETE', 'faults');
  while (performance.now() < end) {
    const entries = member((await callApi(url, 'GET', 'queue')).body, 'entries');
    if (Array.isArray(entries) && entries.length === 0) return;
    await callApi(url, 'POST', 'clock', { to: 'next' });
    await callApi(url, 'POST', 'queue/flush', {});
  }
}
