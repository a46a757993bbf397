/** Every fault has a few words, a sentence, and a place on the stage. */
import { describe, expect, test } from 'vitest';
import { faultLabel, faultSentence } from '../../../shared/explain/faults.ts';
import { type Fault, type FaultWhat, faultPlace } from '../../../shared/faults/fault.ts';
import type { LineAt } from '../../../shared/faults/fields.ts';
import { header } from '../../fixtures/script.ts';

const { world } = header;
const at: LineAt = { server: 'mx1.green.example', port: 25, verb: 'RCPT' };
const content: LineAt = { server: 'mx1.green.example', port: 25, verb: 'END-OF-DATA' };
const one = { name: 'green.example', type: 'MX' } as const;

const FAULTS: readonly FaultWhat[] = [
  { kind: 'host-off', host: 'mx1.green.example' },
  { kind: 'host-silent', host: 'mx1.green.example' },
  { kind: 'host-slow', host: 'mx1.green.example', milliseconds: 2000 },
  { kind: 'disk-full', host: 'mx1.green.example' },
  { kind: 'greylist', host: 'mx1.green.example', seconds: 300 },
  { kind: 'refuses-sender', host: 'mx1.green.example', sender: 'blue.example' },
  { kind: 'lacks-extension', host: 'mx1.green.example', keyword: 'SIZE' },
  { kind: 'mailbox-full', mailbox: 'bob@green.example' },
  { kind: 'wrong-password', user: 'alice@blue.example' },
  { kind: 'answer', at, code: 451, text: 'Try again' },
  { kind: 'delay', at, milliseconds: 1500 },
  { kind: 'drop', at },
  { kind: 'reset', at },
  { kind: 'cut', at: content, octets: 1 },
  { kind: 'stall', at: content, octets: 2000 },
  { kind: 'lose-reply', at: content },
  { kind: 'slow-cable', between: ['smtp.blue.example', 'mx1.green.example'], latency: 200, bytesPerSecond: 0 },
  { kind: 'dns-answer', ...one, rcode: 'SERVFAIL' },
  { kind: 'dns-silence', ...one },
  { kind: 'dns-truncate', name: 'green.example', type: 'any' },
  { kind: 'dns-wrong-mx', name: 'green.example', exchange: 'nowhere.example' },
  { kind: 'dns-ttl', name: 'green.example', seconds: 60 },
];

describe.each(FAULTS.map(what => [what.kind, what] as const))('%s', (_, what) => {
  test.each(['next', 'always'] as const)('%s: has a short label, one sentence and a place', times => {
    const fault: Fault = { ...what, id: 'f1', times };
    expect(faultLabel(fault).split(' ').length).toBeLessThanOrEqual(5);
    expect(faultSentence(fault, world)).toMatch(/^[A-Z0-9-].{10,}\.$/);
    const { hosts, cable } = faultPlace(fault, world);
    for (const host of [...hosts, ...(cable ?? [])]) expect(world.hosts.map(each => each.id)).toContain(host);
    expect(hosts.length + (cable === null ? 0 : 1)).toBe(1);
  });
});

describe('the place of a fault', () => {
  test.each([
    [
      { kind: 'mailbox-full', mailbox: 'bob@green.example' },
      { hosts: ['pop.green.example'], cable: null },
    ],
    [
      { kind: 'wrong-password', user: 'alice@blue.example' },
      { hosts: ['alices-laptop.blue.example'], cable: null },
    ],
    [
      { kind: 'dns-silence', ...one },
      { hosts: ['ns.root.example'], cable: null },
    ],
    [
      { kind: 'drop', at },
      { hosts: [], cable: ['smtp.blue.example', 'mx1.green.example'] },
    ],
    [
      { kind: 'drop', at: { server: 'smtp.blue.example', port: 587, verb: 'MAIL' } },
      { hosts: [], cable: ['alices-laptop.blue.example', 'smtp.blue.example'] },
    ],
    [
      { kind: 'drop', at: { server: 'pop.green.example', port: 110, verb: 'QUIT' } },
      { hosts: [], cable: ['bobs-laptop.green.example', 'pop.green.example'] },
    ],
    [
      { kind: 'drop', at: { ...at, client: 'your-computer.example' } },
      { hosts: [], cable: ['your-computer.example', 'mx1.green.example'] },
    ],
  ] satisfies readonly [FaultWhat, unknown][])('%o', (what, place) => {
    expect(faultPlace(what, world)).toEqual(place);
  });
});
