/** The table of protocols: what its rows promise to those who ask. */
import { describe, expect, test } from 'vitest';
import {
  type Dialogue,
  dialogueAt,
  PROTOCOL_IDS,
  protocolAt,
  SERVICE_KINDS,
  SERVICES,
  type Verb,
} from '../shared/protocols.ts';

const DIALOGUES: readonly [port: number, Dialogue | null][] = [25, 587, 110].map(port => [port, dialogueAt(port)]);
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
    const ports = rows.flatMap(({ port, tlsPort }) => (tlsPort === null ? [port] : [port, tlsPort]));
    expect(new Set(ports).size).toBe(ports.length);
    expect(new Set(rows.map(({ published }) => published)).size).toBe(rows.length);
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

  test.each(DIALOGUES)(
    'every moment at port %i is the greeting, the end of a letter or a verb of its own name',
    (_, dialogue) => {
      const verbs = Object.keys(dialogue?.verbs ?? {});
      const moments = dialogue?.moments ?? [];
      expect(moments[0]).toBe('GREETING');
      expect(moments.filter(each => each !== 'GREETING' && each !== 'END-OF-DATA' && !verbs.includes(each))).toEqual(
        [],
      );
    },
  );

  test('a password is secret in both protocols, and a mechanism is not', () => {
    expect(secretVerbs(dialogueAt(25))).toEqual(['AUTH 1']);
    expect(secretVerbs(dialogueAt(110))).toEqual(['PASS 0', 'APOP 1', 'AUTH 1']);
  });
});
