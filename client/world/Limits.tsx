/** How much a world's servers take, and how patient its queues are. */
import type { ReactNode } from 'react';
import type { EditableWorld, Edited } from '../../shared/world/edit.ts';
import { spanText } from '../caption/measures.ts';
import { limitsEdited, renamed, retryEdited, scheduleIn, secondsIn } from './edits.ts';
import { Field } from './Field.tsx';

const refused = (message: string): Edited => ({ ok: false, message });

const whole = (typed: string, edit: (value: number) => Edited): Edited =>
  /^\d{1,10}$/.test(typed) ? edit(Number(typed)) : refused('A whole number.');

function time(typed: string, edit: (seconds: number) => Edited): Edited {
  const seconds = secondsIn(typed);
  return seconds === null ? refused('A time such as 15 min, 4 h or 5 days.') : edit(seconds);
}

export function LimitFields({ world }: { readonly world: EditableWorld }): ReactNode {
  const { limits, retry } = world;
  return (
    <section className="world-domain" aria-label="Limits and patience">
      <header>
        <h3>Limits and patience</h3>
      </header>
      <div className="world-roles">
        <Field label="Name of the world" value={world.name} edit={name => renamed(world, name)} />
        <Field
          label="Largest letter, octets"
          value={`${limits.messageSize}`}
          numeric
          edit={typed => whole(typed, messageSize => limitsEdited(world, { messageSize }))}
        />
        <Field
          label="Recipients of one letter"
          value={`${limits.recipients}`}
          numeric
          edit={typed => whole(typed, recipients => limitsEdited(world, { recipients }))}
        />
        <Field
          label="Hops before it is a loop"
          value={`${limits.hops}`}
          numeric
          edit={typed => whole(typed, hops => limitsEdited(world, { hops }))}
        />
        <Field
          label="Largest header, octets"
          value={`${limits.headerOctets}`}
          numeric
          edit={typed => whole(typed, headerOctets => limitsEdited(world, { headerOctets }))}
        />
        <Field
          label="Fields of one header"
          value={`${limits.headerFields}`}
          numeric
          edit={typed => whole(typed, headerFields => limitsEdited(world, { headerFields }))}
        />
        <Field
          label="Tries again after"
          value={retry.after.map(spanText).join(', ')}
          hint="the last one repeats"
          edit={typed => {
            const after = scheduleIn(typed);
            return after === null
              ? refused('Times with commas between them, such as 1 min, 5 min, 1 h.')
              : retryEdited(world, { after });
          }}
        />
        <Field
          label="Tells the sender after"
          value={spanText(retry.warnAfter)}
          edit={typed => time(typed, warnAfter => retryEdited(world, { warnAfter }))}
        />
        <Field
          label="Gives up after"
          value={spanText(retry.giveUpAfter)}
          edit={typed => time(typed, giveUpAfter => retryEdited(world, { giveUpAfter }))}
        />
        <Field
          label="Seed of chance"
          value={`${world.seed}`}
          numeric
          hint="the same seed, the same story"
          edit={typed =>
            whole(typed, seed => ({ ok: true, world: { ...world, seed }, edit: { code: 'seed-changed' } }))
          }
        />
      </div>
    </section>
  );
}
