/** One record being written: checked as it is typed. What the world allows is remarked; what cannot be blocks saving. */
import { type FormEvent, type KeyboardEvent, type ReactNode, useId, useState } from 'react';
import { type EditableWorld, setRecord } from '../../shared/world/edit.ts';
import { dataText, RECORD_TYPES, recordFrom } from '../../shared/world/records.ts';
import { remarks } from '../../shared/world/remarks.ts';
import type { ZoneRecord } from '../../shared/world/world.ts';
import { Button } from '../design/Button.tsx';
import { change } from '../session/keeper.ts';
import { useKeeper } from '../session/useKeeper.ts';

const VALUE_WORDS: Readonly<Record<ZoneRecord['type'], string>> = {
  A: 'IPv4 address',
  AAAA: 'IPv6 address',
  MX: 'Host that takes the mail',
  CNAME: 'Its real name',
  TXT: 'Text',
  NS: 'Name server',
  PTR: 'Name of the host',
};

interface Props {
  readonly world: EditableWorld;
  readonly zone: string;
  /** Its place in the zone; null for a new one. */
  readonly at: number | null;
  readonly record: ZoneRecord;
  readonly onDone: () => void;
}

/** The remarks that the world would deserve with the record, and does not deserve without. */
function newRemarks(before: EditableWorld, after: EditableWorld): readonly string[] {
  const known = new Set(remarks(before).map(({ message }) => message));
  return remarks(after).flatMap(({ message }) => (known.has(message) ? [] : [message]));
}

export function RecordForm({ world, zone, at, record, onDone }: Props): ReactNode {
  const [typed, setTyped] = useState({
    name: record.name,
    type: record.type,
    ttl: `${record.ttl}`,
    preference: record.type === 'MX' ? `${record.preference}` : '10',
    value: dataText(record),
  });
  const [refusal, setRefusal] = useState<string | null>(null);
  const busy = useKeeper(state => state.busy);
  const id = useId();
  const whole = (text: string): number => (/^\d{1,10}$/.test(text.trim()) ? Number(text) : Number.NaN);
  const next = recordFrom({ ...typed, ttl: whole(typed.ttl), preference: whole(typed.preference) });
  const edited = setRecord(world, zone, at, next);
  const said = edited.ok ? newRemarks(world, edited.world) : [];
  const unchanged = at !== null && JSON.stringify(next) === JSON.stringify(record);
  // An empty field is no mistake yet.
  const begun = typed.value.trim() !== '';

  const set = (part: Partial<typeof typed>): void => {
    setTyped({ ...typed, ...part });
    setRefusal(null);
  };
  const save = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    if (unchanged) return onDone();
    if (!edited.ok) return;
    const problem = await change(edited);
    if (problem === null) onDone();
    else setRefusal(problem);
  };
  const leave = (event: KeyboardEvent): void => {
    if (event.key !== 'Escape') return;
    // In a dialog, Escape would close all of it.
    event.preventDefault();
    event.stopPropagation();
    onDone();
  };
  return (
    <form
      className="record-form"
      onSubmit={event => void save(event)}
      onKeyDown={leave}
      aria-label={at === null ? 'A new record' : 'Change the record'}
    >
      <label>
        <span>Name</span>
        <input
          value={typed.name}
          spellCheck={false}
          autoCapitalize="off"
          onChange={event => set({ name: event.target.value })}
        />
      </label>
      <label>
        <span>Type</span>
        <select
          value={typed.type}
          onChange={event => set({ type: RECORD_TYPES.find(type => type === event.target.value) ?? typed.type })}
        >
          {RECORD_TYPES.map(type => (
            <option key={type}>{type}</option>
          ))}
        </select>
      </label>
      {typed.type === 'MX' && (
        <label>
          <span>Preference</span>
          <input
            value={typed.preference}
            inputMode="numeric"
            onChange={event => set({ preference: event.target.value })}
          />
        </label>
      )}
      <label>
        <span>TTL, seconds</span>
        <input value={typed.ttl} inputMode="numeric" onChange={event => set({ ttl: event.target.value })} />
      </label>
      <label className="record-value">
        <span>{VALUE_WORDS[typed.type]}</span>
        <input
          // biome-ignore lint/a11y/noAutofocus: the form was opened to write here
          autoFocus
          value={typed.value}
          spellCheck={false}
          autoCapitalize="off"
          list={typed.type === 'MX' ? `${id}-hosts` : undefined}
          aria-describedby={`${id}-said`}
          aria-invalid={begun && !edited.ok}
          onChange={event => set({ value: event.target.value })}
        />
        <datalist id={`${id}-hosts`}>
          {world.hosts.map(host => (
            <option key={host.id} value={host.id} />
          ))}
        </datalist>
      </label>
      <div className="record-said" id={`${id}-said`} role="status">
        {refusal !== null && <p className="said-bad">✕ {refusal}</p>}
        {begun && !edited.ok && !unchanged && <p className="said-bad">✕ {edited.message}</p>}
        {said.map(sentence => (
          <p key={sentence} className="said-remark">
            ! {sentence}
          </p>
        ))}
      </div>
      <div className="record-actions">
        <Button look="quiet" onClick={onDone}>
          Cancel
        </Button>
        <Button look="primary" type="submit" disabled={busy || (!edited.ok && !unchanged)}>
          Save
        </Button>
      </div>
    </form>
  );
}
