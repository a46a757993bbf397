/** The table of protocols: what its rows promise to those who ask. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  type Dialogue,
  dialogueAt,
  LINE_PORTS,
  laneOf,
  momentsAt,
  PROTOCOL_IDS,
  PUBLISHED_PORTS,
  protocolAt,
  SERVICE_KINDS,
  SERVICES,
  TLS_PORTS,
  type Verb,
} from '../../shared/protocols.ts';

const secretVerbs = (dialogue: Dialogue | null) =>
  Object.entries<Verb>(dialogue?.verbs ?? {}).flatMap(([name, { secretAfter }]) =>
    secretAfter === undefined ? [] : [`${name} ${secretAfter}`],
  );

describe('the table of protocols', () => {
  test('a told run of yesterday counts the same rows: the first ones never move', () => {
    expect(PROTOCOL_IDS.slice(0, 5)).toEqual(['smtp', 'dns', 'pop3', 'tls', 'store']);
    expect(SERVICE_KINDS.slice(0, 4)).toEqual(['submission', 'smtp', 'pop3', 'dns']);
  });

  test('no two services share a port, in the world or on loopback', () => {
    const rows = SERVICE_KINDS.map(kind => SERVICES[kind]);
    const ports = [...rows.map(({ port }) => port), ...Object.values(TLS_PORTS)];
    expect(new Set(ports).size).toBe(ports.length);
    expect(new Set(Object.values(PUBLISHED_PORTS)).size).toBe(rows.length);
  });

  test.each([
    [25, 'smtp'],
    [587, 'smtp'],
    [465, 'smtp'],
    [110, 'pop3'],
    [995, 'pop3'],
    [53, 'dns'],
    [80, null],
  ] as const)('what is spoken at port %i is %s', (port, protocol) => {
    expect(protocolAt(port)).toBe(protocol);
  });

  test.each([...LINE_PORTS])(
    'every moment at port %i is the greeting, the end of a letter or a verb of its own name',
    port => {
      const verbs = Object.keys(dialogueAt(port)?.verbs ?? {});
      const [first, ...moments] = momentsAt(port);
      expect(first).toBe('GREETING');
      expect(moments.filter(each => each !== 'END-OF-DATA' && !verbs.includes(each))).toEqual([]);
    },
  );

  test('faults strike wherever a dialogue is held, and nowhere else', () => {
    const held = SERVICE_KINDS.map(kind => SERVICES[kind].port).filter(port => dialogueAt(port) !== null);
    expect(held.toSorted()).toEqual(LINE_PORTS.toSorted());
  });

  test('a lane bears the name of a protocol that stands in it', () => {
    for (const id of PROTOCOL_IDS) expect(laneOf(laneOf(id))).toBe(laneOf(id));
  });

  test('every protocol has its colours in the style sheet of the page, and a class that gives them to what is drawn', () => {
    const sheet = readFileSync(path.join(import.meta.dirname, '../../client/design/tokens.css'), 'utf8');
    for (const id of PROTOCOL_IDS) {
      for (const token of [id, `${id}-ink`, `${id}-tint`]) expect(sheet).toContain(`--${token}: light-dark(`);
      expect(sheet).toContain(
        `.${id},\n.of-${id} {\n  --hue: var(--${id});\n  --hue-ink: var(--${id}-ink);\n  --hue-tint: var(--${id}-tint);\n}`,
      );
    }
  });

  test('a password is secret in both protocols, and a mechanism is not', () => {
    expect(secretVerbs(dialogueAt(25))).toEqual(['AUTH 1']);
    expect(secretVerbs(dialogueAt(110))).toEqual(['PASS 0', 'APOP 1', 'AUTH 1']);
  });
});
