/** What was changed in a world, as code and data: said in one sentence, and read from a file as it was written. */
import { describe, expect, test } from 'vitest';
import { worldEditText } from '../../../shared/explain/world-edits.ts';
import type { Fault } from '../../../shared/faults/fault.ts';
import { blueAndGreen } from '../../../shared/world/presets.ts';
import { type RecordedEdit, recordedEdit, worldEdit } from '../../../shared/world/world-edit.ts';

const off: Fault = { kind: 'host-off', host: 'mx1.green.example', id: 'f1', times: 'always' };
const ALICE = 'alice@blue.example';

const told: readonly (readonly [RecordedEdit, string])[] = [
  [{ code: 'edited' }, 'The world was edited.'],
  [{ code: 'reset' }, 'Back to the world as it began.'],
  [{ code: 'limits-changed' }, 'The limits were changed.'],
  [{ code: 'fault-struck' }, 'A fault that strikes once has struck.'],
  [{ code: 'faults-cleared' }, 'All faults were cleared.'],
  [{ code: 'host-added', host: 'mx2.green.example' }, 'mx2.green.example was added.'],
  [{ code: 'domain-removed', domain: 'green.example' }, 'The domain green.example was removed.'],
  [{ code: 'backup-added', host: 'mx3.a.test', domain: 'a.test' }, 'mx3.a.test backs up a.test.'],
  [{ code: 'record-changed', record: 'a.test MX 10 mx.a.test' }, 'a.test MX 10 mx.a.test: changed.'],
  [{ code: 'person-added', name: 'Alice', address: ALICE }, 'Alice <alice@blue.example> was added.'],
  [{ code: 'mailbox-changed', name: 'Alice' }, 'Alice’s mailbox was changed.'],
  [
    { code: 'alias-added', address: 'us@a.test', targets: [ALICE, 'b@a.test'] },
    'us@a.test goes on to alice@blue.example, b@a.test.',
  ],
  [{ code: 'list-added', address: 'club@a.test' }, 'The mailing list club@a.test was added.'],
  [{ code: 'opened', name: 'world.json' }, 'The world of world.json was opened.'],
  [{ code: 'fault-set', fault: off }, 'The incoming server is switched off.'],
  [{ code: 'undone', edit: { code: 'fault-set', fault: off } }, 'Undone: The incoming server is switched off.'],
  [{ code: 'words', text: 'What {name} says, as it is.' }, 'What {name} says, as it is.'],
];

describe('an edit', () => {
  test.each(told)('%j', (edit, words) => {
    expect(worldEditText(edit, blueAndGreen)).toBe(words);
    expect(recordedEdit.parse(JSON.parse(JSON.stringify(edit)))).toEqual(edit);
  });

  test('that somebody sends is one that can be made: nobody undoes by saying so', () => {
    expect(worldEdit.safeParse({ code: 'undone', edit: { code: 'edited' } }).success).toBe(false);
    expect(worldEdit.safeParse({ code: 'moon-moved' }).success).toBe(false);
    expect(worldEdit.safeParse({ code: 'renamed' }).success).toBe(false);
    expect(worldEdit.safeParse({ code: 'renamed', name: 'Ours' }).success).toBe(true);
  });
});
