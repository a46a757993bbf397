/** How long something takes in the few characters that a card has room for: "4 min", "2 h", "5 days". */

/** Microseconds; nothing less than a second is told apart from nothing. */
export function shortly(microseconds: number): string {
  const seconds = Math.round(microseconds / 1_000_000);
  if (seconds < 1) return 'now';
  if (seconds < 90) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 90) return `${minutes} min`;
  const hours = Math.round(minutes / 60);
  if (hours < 36) return `${hours} h`;
  return `${Math.round(hours / 24)} days`;
}
