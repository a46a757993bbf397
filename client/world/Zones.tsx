/** The zones that DNS answers from, as rows that can be changed; what is saved is what the next question gets. */
import { type ReactNode, useState } from 'react';
import { removeRecord } from '../../shared/world/edit.ts';
import { dataText, recordText } from '../../shared/world/records.ts';
import { remarks } from '../../shared/world/remarks.ts';
import type { PublicWorld, Zone, ZoneRecord } from '../../shared/world/world.ts';
import { Button } from '../design/Button.tsx';
import { CrossIcon, PlusIcon } from '../design/icons.tsx';
import { change } from '../session/keeper.ts';
import { useKeeper } from '../session/useKeeper.ts';
import { notify } from '../session/view.ts';
import { RecordForm } from './RecordForm.tsx';
import { Undo } from './Undo.tsx';
import './zones.css';

/** Of the mail domains, the one that letters go to first; else any zone. */
const firstZone = (world: PublicWorld): string | undefined =>
  (world.domains[1] ?? world.domains[0])?.name ?? world.zones[0]?.name;

const blankRecord = (zone: Zone): ZoneRecord => ({
  name: zone.name,
  ttl: 3600,
  type: 'MX',
  preference: 30,
  exchange: '',
});

function Row({
  record,
  remark,
  onEdit,
  onRemove,
}: {
  readonly record: ZoneRecord;
  readonly remark: string | undefined;
  readonly onEdit: (() => void) | null;
  readonly onRemove: () => void;
}): ReactNode {
  const words = recordText(record);
  const content = (
    <>
      <span className="record-name">{record.name}</span>
      <b>
        {record.type}
        {record.type === 'MX' && ` ${record.preference}`}
      </b>
      <span className="record-data">{dataText(record)}</span>
      <small title="TTL: how long an answer may be kept">{record.ttl} s</small>
    </>
  );
  return (
    <li className={remark === undefined ? 'record' : 'record remarked'}>
      {onEdit === null ? (
        <div className="record-words">{content}</div>
      ) : (
        <>
          <button type="button" className="record-words" onClick={onEdit}>
            <span className="sr-only">Change </span>
            {content}
          </button>
          <button
            type="button"
            className="record-remove"
            aria-label={`Delete ${words}`}
            title="Delete; can be undone"
            onClick={onRemove}
          >
            <CrossIcon size={14} />
          </button>
        </>
      )}
      {remark !== undefined && <p className="said-remark">! {remark}</p>}
    </li>
  );
}

/** `seen`: the world of the moment that is shown, for where nothing can be changed. */
export function Zones({ seen }: { readonly seen: PublicWorld }): ReactNode {
  const now = useKeeper(state => state.facts?.world ?? null);
  const [chosen, setChosen] = useState<string | null>(null);
  const [open, setOpen] = useState<number | 'new' | null>(null);
  const world = now ?? seen;
  const name = world.zones.some(zone => zone.name === chosen) ? chosen : firstZone(world);
  const place = world.zones.findIndex(zone => zone.name === name);
  const zone = world.zones[place];
  const said = remarks(world);
  const ofRecord = new Map(said.map(({ path, message }) => [path, message]));
  const ofDomain = ofRecord.get(`domains.${world.domains.findIndex(domain => domain.name === name)}`);
  const remove = async (at: number): Promise<void> => {
    setOpen(null);
    const problem = await change(removeRecord(world, name ?? '', at));
    if (problem !== null) notify(problem);
  };
  if (zone === undefined) return <p className="panel-empty">This world has no zones: DNS knows nothing.</p>;
  return (
    <div className="zones">
      <div className="zones-head">
        <select
          aria-label="Zone"
          value={zone.name}
          onChange={event => {
            setChosen(event.target.value);
            setOpen(null);
          }}
        >
          {world.zones.map(each => (
            <option key={each.name}>{each.name}</option>
          ))}
        </select>
        {now !== null && <Undo />}
      </div>
      <p className="panel-note">
        {now === null
          ? 'What DNS answers from, as it was at this moment. It can be changed in a live world only.'
          : 'What DNS answers from. Press a record to change it, then press Send again. Resolvers remember what they were told until its TTL is over.'}
      </p>
      {ofDomain !== undefined && <p className="said-remark">! {ofDomain}</p>}
      <ul className="records">
        {zone.records.map((record, at) =>
          open === at && now !== null ? (
            <li key={at}>
              <RecordForm world={now} zone={zone.name} at={at} record={record} onDone={() => setOpen(null)} />
            </li>
          ) : (
            <Row
              key={at}
              record={record}
              remark={ofRecord.get(`zones.${place}.records.${at}`)}
              onEdit={now === null ? null : () => setOpen(at)}
              onRemove={() => void remove(at)}
            />
          ),
        )}
        {open === 'new' && now !== null && (
          <li>
            <RecordForm
              world={now}
              zone={zone.name}
              at={null}
              record={blankRecord(zone)}
              onDone={() => setOpen(null)}
            />
          </li>
        )}
      </ul>
      {now !== null && open !== 'new' && (
        <Button icon={<PlusIcon />} onClick={() => setOpen('new')}>
          Add a record
        </Button>
      )}
    </div>
  );
}
