/** All attacks, in the order of the entries. */
import type { Attack } from './attack.ts';
import { DISK_ATTACKS } from './with/disk.ts';
import { LETTER_ATTACKS } from './with/letters.ts';
import { MANY_ATTACKS } from './with/many.ts';
import { OCTET_ATTACKS } from './with/octets.ts';
import { PLACE_ATTACKS } from './with/places.ts';
import { START_ATTACKS } from './with/starts.ts';
import { TEXT_ATTACKS } from './with/texts.ts';

export const ATTACKS: readonly Attack[] = [
  ...LETTER_ATTACKS,
  ...OCTET_ATTACKS,
  ...PLACE_ATTACKS,
  ...DISK_ATTACKS,
  ...START_ATTACKS,
  ...MANY_ATTACKS,
  ...TEXT_ATTACKS,
].toSorted((one, other) => one.entry - other.entry);
