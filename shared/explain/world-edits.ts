/** An edit of a world in one short sentence. */
import { assertNever, type PublicWorld } from '../world/world.ts';
import type { RecordedEdit } from '../world/world-edit.ts';
import { faultSentence } from './faults.ts';

/** `world`: the one that the edit made, or the one that it was made on; a fault's sentence names its hosts by their labels. */
export function worldEditText(edit: RecordedEdit, world: PublicWorld): string {
  switch (edit.code) {
    case 'nothing':
      return '';
    case 'edited':
      return 'The world was edited.';
    case 'settings-changed':
      return 'The world was changed.';
    case 'reset':
      return 'Back to the world as it began.';
    case 'limits-changed':
      return 'The limits were changed.';
    case 'retry-changed':
      return 'The retry schedule was changed.';
    case 'seed-changed':
      return 'The seed was changed.';
    case 'fault-struck':
      return 'A fault that strikes once has struck.';
    case 'fault-cleared':
      return 'A fault was cleared.';
    case 'faults-cleared':
      return 'All faults were cleared.';
    case 'host-added':
      return `${edit.host} was added.`;
    case 'host-removed':
      return `${edit.host} was removed.`;
    case 'host-changed':
      return `${edit.host} was changed.`;
    case 'domain-added':
      return `The domain ${edit.domain} was added.`;
    case 'domain-removed':
      return `The domain ${edit.domain} was removed.`;
    case 'domain-changed':
      return `${edit.domain} was changed.`;
    case 'backup-added':
      return `${edit.host} backs up ${edit.domain}.`;
    case 'zone-removed':
      return `The zone ${edit.zone} was removed.`;
    case 'record-added':
      return `${edit.record}: added.`;
    case 'record-removed':
      return `${edit.record}: removed.`;
    case 'record-changed':
      return `${edit.record}: changed.`;
    case 'person-added':
      return `${edit.name} <${edit.address}> was added.`;
    case 'person-removed':
      return `${edit.name} was removed.`;
    case 'person-changed':
      return `${edit.name} was changed.`;
    case 'mailbox-changed':
      return `${edit.name}’s mailbox was changed.`;
    case 'alias-added':
      return `${edit.address} goes on to ${edit.targets.join(', ')}.`;
    case 'address-changed':
      return `${edit.address} was changed.`;
    case 'address-removed':
      return `${edit.address} was removed.`;
    case 'list-added':
      return `The mailing list ${edit.address} was added.`;
    case 'renamed':
      return `The world is called ${edit.name}.`;
    case 'opened':
      return `The world of ${edit.name} was opened.`;
    case 'fault-set':
      return faultSentence(edit.fault, world);
    case 'words':
      return edit.text;
    case 'undone':
      return `Undone: ${worldEditText(edit.edit, world)}`;
    default:
      return assertNever(edit);
  }
}
