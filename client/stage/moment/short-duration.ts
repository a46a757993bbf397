/** Durations in the few characters that fit on a card: "4 min", "2 h", "5 days". */

/** `microseconds` under one second are "now". */
export function shortDuration(microseconds: number): string {
  const seconds = Math.round(microseconds / 1_000_000);
  if (seconds < 1) return 'now';
  if (seconds < 90) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 90) return `${minutes} min`;
  const hours = Math.round(minutes / 60);
  if (hours < 36) return `${hours} h`;
  return `${Math.round(hours / 24)} days`;
}
