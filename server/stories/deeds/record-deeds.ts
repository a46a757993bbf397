/** Deeds that put a record into a zone, or take it out. */
import { zoneOf } from '../../../shared/world/edit.ts';
import {
  dataText,
  RECORD_TYPES,
  type RecordType,
  recordFrom,
  recordProblem,
  recordText,
  withoutRecords,
  withRecords,
} from '../../../shared/world/records.ts';
import type { World, ZoneRecord } from '../../../shared/world/world.ts';
import { domainCalled, type Wrong, wrong } from './cast.ts';
import { type Changed, changedTo } from './change.ts';

const TTL = 3600;
const RECORD = /^(\S+)(?: +(\d+))?(?: +IN)? +([A-Z]+)(?: +(.*))?$/i;

interface Described {
  readonly name: string;
  readonly ttl: number;
  readonly type: RecordType;
  /** What follows the type; '' where nothing does. */
  readonly rest: string;
}

/** "green.example 300 MX 5 mx3.green.example" as a person writes a record; null where it is none. */
function described(text: string): Described | null {
  const [, name = '', ttl = `${TTL}`, word = '', rest = ''] = RECORD.exec(text.trim()) ?? [];
  const type = RECORD_TYPES.find(each => each === word.toUpperCase());
  return type === undefined ? null : { name, ttl: Number(ttl), type, rest };
}

function recordOf(world: World, { name, ttl, type, rest }: Described): ZoneRecord {
  const [, preference, value = rest] = type === 'MX' ? (/^(\d+) +(.*)$/.exec(rest) ?? []) : [];
  const given = { name: domainCalled(world, name), ttl, type, preference: Number(preference ?? 10) };
  return recordFrom({ ...given, value: type === 'TXT' ? value.replace(/^"(.*)"$/s, '$1') : value });
}

const noRecord = (text: string): Wrong =>
  wrong(`“${text}” is no record such as “green.example MX 10 mx1.green.example”.`);

export function withRecord(world: World, text: string): Changed | Wrong {
  const said = described(text);
  if (said === null || said.rest === '') return noRecord(text);
  const record = recordOf(world, said);
  const zone = zoneOf(world, record.name);
  if (zone === undefined) return wrong(`No zone of this world holds ${record.name}.`);
  const problem = recordProblem(zone, record, null);
  if (problem !== null) return wrong(problem);
  const zones = world.zones.map(each => (each === zone ? withRecords(zone, record) : each));
  return changedTo({ ...world, zones }, { code: 'record-added', record: recordText(record) });
}

/** All of this name and type, or the one that holds just this. */
export function withoutRecord(world: World, text: string): Changed | Wrong {
  const said = described(text);
  if (said === null) return noRecord(text);
  const record = recordOf(world, said);
  const zone = zoneOf(world, record.name);
  const exact = said.type !== 'MX' || /^\d+ /.test(said.rest) ? recordText : dataText;
  const goes = (each: ZoneRecord): boolean =>
    each.name === record.name && each.type === record.type && (said.rest === '' || exact(each) === exact(record));
  if (zone === undefined || !zone.records.some(goes))
    return wrong(`There is no record ${said.rest === '' ? `${record.name} ${record.type}` : recordText(record)}.`);
  const zones = world.zones.map(each => (each === zone ? withoutRecords(zone, goes) : each));
  return changedTo({ ...world, zones }, { code: 'record-removed', record: text.trim() });
}
