/** The words under a letter: "stamped once · in the queue". */
import type { LetterNote, StampedPlace } from '../story/note.ts';

const PLAIN = {
  nothing: '',
  composed: 'written, about to leave',
  'being-handed-over': 'being handed over',
  unacknowledged: 'handed over, not yet acknowledged',
  acknowledged: 'acknowledged',
  'no-answer-came': 'sent, and no answer came',
  'line-broke': 'the line broke',
  'not-sent': 'not sent',
  recovered: 'found in the queue',
  'sent-on': 'sent on',
  'in-mailbox': 'in the mailbox',
  'let-go': 'arrived; the mailbox has let it go',
  'copy-arrived': 'a copy has arrived',
  'report-written': 'a report, just written',
  'report-leaving': 'a report, about to leave',
  dropped: 'dropped: nobody is told',
} as const;

const TIMES = ['not stamped yet', 'stamped once', 'stamped twice', 'stamped three times'];
const WHERE: Readonly<Record<StampedPlace, string>> = { queue: 'in the queue', mailbox: 'in the mailbox' };

export function noteText(note: LetterNote): string {
  switch (note.code) {
    case 'stamped':
      return `${TIMES[note.times] ?? `stamped ${note.times} times`} · ${WHERE[note.where]}`;
    case 'sent-on-for':
      return `for ${note.address}: sent on`;
    case 'copy-for':
      return `a copy for ${note.domain}`;
    case 'refused':
      return `refused: ${note.reply}`;
    case 'not-now':
      return `not now: ${note.reply}`;
    case 'waits':
      return `waits for another try (${note.status})`;
    case 'undeliverable':
      return `undeliverable (${note.status})`;
    case 'partly-lost':
      return `${noteText(note.before)}; undeliverable for ${note.lost} of ${note.count}`;
    case 'told':
      return note.words;
    default:
      return PLAIN[note.code];
  }
}
