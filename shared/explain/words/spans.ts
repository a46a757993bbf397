/** How long something takes, as a person says it: "4 hours", "five days". */

/** Microseconds, as all wire time. */
const UNITS = [
  ['day', 86_400_000_000],
  ['hour', 3_600_000_000],
  ['minute', 60_000_000],
  ['second', 1_000_000],
] as const;

const NUMBERS = [
  'no',
  'one',
  'two',
  'three',
  'four',
  'five',
  'six',
  'seven',
  'eight',
  'nine',
  'ten',
  'eleven',
  'twelve',
];

const counted = (count: number, one: string): string =>
  `${NUMBERS[count] ?? count.toLocaleString('en')} ${one}${count === 1 ? '' : 's'}`;

/** In its largest unit, with the next one where it tells something: "five days", "one hour and 30 minutes". Under a second: "a moment". */
export function span(microseconds: number): string {
  const whole = Math.round(microseconds / 1_000_000) * 1_000_000;
  for (const [nth, [name, size]] of UNITS.entries()) {
    if (whole < size) continue;
    const [smaller, smallerSize] = UNITS[nth + 1] ?? ['', size];
    const count = Math.floor(whole / size);
    const rest = Math.round((whole - count * size) / smallerSize);
    // Beyond a handful of the larger unit, nobody counts the smaller one.
    if (rest === 0 || count >= 5) return counted(Math.round(whole / size), name);
    return rest * smallerSize >= size
      ? counted(count + 1, name)
      : `${counted(count, name)} and ${counted(rest, smaller)}`;
  }
  return 'a moment';
}

/** Milliseconds in their largest unit alone, in figures: "5 days", "10 seconds". */
export function roughSpan(milliseconds: number): string {
  const units = [
    ['day', 86_400_000],
    ['hour', 3_600_000],
    ['minute', 60_000],
    ['second', 1000],
  ] as const;
  for (const [name, size] of units) {
    const count = Math.round(milliseconds / size);
    if (milliseconds >= size) return `${count} ${name}${count === 1 ? '' : 's'}`;
  }
  return `${Math.round(milliseconds)} milliseconds`;
}

const ORDINALS = ['First', 'Second', 'Third', 'Fourth', 'Fifth', 'Sixth', 'Seventh', 'Eighth', 'Ninth', 'Tenth'];
/** "Second attempt", "Attempt 14". */
export const nthAttempt = (nth: number): string => {
  const ordinal = ORDINALS[nth - 1];
  return ordinal === undefined ? `Attempt ${nth}` : `${ordinal} attempt`;
};
