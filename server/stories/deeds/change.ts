/** What a story changes in its world: a world in, and another valid one or a sentence out. */
import type { EditableWorld, Edited } from '../../../shared/world/edit.ts';
import { validateWorld } from '../../../shared/world/validate.ts';
import type { World } from '../../../shared/world/world.ts';
import type { WorldEdit } from '../../../shared/world/world-edit.ts';
import { checkZones } from '../../dns/respond.ts';
import { isWrong, type Wrong, wrong } from './cast.ts';

export interface Changed {
  readonly world: World;
  readonly edit: WorldEdit;
}

/** Made to the world as it is at that moment. `first`: as it was before the story began. */
export type Change = (world: World, first: World) => Changed | Wrong;

const lineEnd = (message: string): string => `${message.replace(/\.$/, '')}.`;

/** The same world where it can run. `where` makes a sentence of what is wrong with it and where: "faults.0.code". */
export function running(
  world: unknown,
  where: (path: string, message: string) => string = (path, message) => (path === '' ? message : `${path}: ${message}`),
): World | Wrong {
  const valid = validateWorld(world);
  if (!valid.ok) return wrong(lineEnd(where(valid.path, valid.message)));
  try {
    checkZones(valid.world.zones);
  } catch (error) {
    if (error instanceof RangeError) return wrong(lineEnd(error.message));
    throw error;
  }
  return valid.world;
}

/** An edit as the page makes them, as a change. */
export function changed(edited: Edited): Changed | Wrong {
  if (!edited.ok) return wrong(edited.message);
  const world = running(edited.world);
  return 'wrong' in world ? world : { world, edit: edited.edit };
}

export const changedTo = (world: EditableWorld, edit: WorldEdit): Changed | Wrong => changed({ ok: true, world, edit });

/** One change after the other, as one. */
export const each =
  <T>(all: readonly T[], change: (world: World, one: T) => Changed | Wrong): Change =>
  world => {
    let now: Changed = { world, edit: { code: 'nothing' } };
    for (const one of all) {
      const next = change(now.world, one);
      if (isWrong(next)) return next;
      now = next;
    }
    return now;
  };
