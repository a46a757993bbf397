/** Follows the scripts of a story as it is told: which one is on, which of its parts comes next, and with what the next one begins. */
import type { Occurrence } from '../reading/occurrences/occurrence.ts';
import type { Part, Script, ToldScript } from '../story/script.ts';
import type { Caption, State } from '../story/story.ts';
import { type MetBy, meetings } from './anchor.ts';
import { parseScript } from './parse.ts';
import { filled, type Moment } from './placeholder.ts';

/** A part that begins now. */
export interface Cue {
  readonly told: { readonly script: number; readonly part: number };
  readonly part: Part;
  /** The line that it has waited for. */
  readonly said: MetBy;
}

export class Prompter {
  readonly scripts: ToldScript[] = [];
  /** The script that is on, as an index of `scripts`. */
  private on: number | null = null;
  /** How often the next part's moment has come since the part before it. */
  private seen = 0;

  /** The script that is on. */
  get script(): Script | null {
    return this.current?.script ?? null;
  }

  private get current(): ToldScript | null {
    return this.on === null ? null : (this.scripts[this.on] ?? null);
  }

  /** `run`: the one that its first beat will open. Null where the source does not parse: what follows is told as ever. */
  begin({ name, source }: { readonly name: string; readonly source: string }, run: number): Script | null {
    const parsed = parseScript(source);
    if (!parsed.ok) return null;
    const { script } = parsed;
    this.on = this.scripts.length;
    this.seen = 0;
    this.scripts.push({ name, source, script, run, ended: false, met: 0 });
    return script;
  }

  /** `silent`: not one beat was told in it, so there is no run of its own. */
  end(silent: boolean): void {
    const { on, current } = this;
    if (on === null || current === null) return;
    this.scripts[on] = { ...current, ended: true, ...(silent ? { run: -1 } : {}) };
    this.on = null;
  }

  isOn(name: string): boolean {
    return this.current?.name === name;
  }

  /** The part that begins with this, or null. `opens`: in the product's own telling a beat opens here. */
  cue(occurrence: Occurrence, opens: boolean): Cue | null {
    const { on, current } = this;
    if (on === null || current === null || (occurrence.quiet && !occurrence.notable)) return null;
    const part = current.script.parts[current.met];
    if (part === undefined) return null;
    const met = meetings(part.anchor, occurrence, opens);
    const said = met[part.anchor.nth - this.seen - 1];
    this.seen += met.length;
    if (said === undefined) return null;
    this.seen = 0;
    this.scripts[on] = { ...current, met: current.met + 1 };
    return { told: { script: on, part: current.met }, part, said };
  }
}

/** The moment of a cue, for its placeholders. */
const momentOf = ({ said }: Cue, { wireAt, jump }: Occurrence, after: State): Moment => ({
  said: said?.text ?? null,
  wireAt,
  jump,
  after,
});

/** The author's words for what begins now; where the author is silent, the product's own. */
export function captionOf(cue: Cue, occurrence: Occurrence, after: State): Caption {
  const { part } = cue;
  const own = occurrence.beat.caption;
  const moment = momentOf(cue, occurrence, after);
  const { title, body, references } = part;
  return {
    protocol: own.protocol,
    title: filled(title, moment),
    body: body === '' ? own.body : filled(body, moment),
    references: body === '' && references.length === 0 ? own.references : references,
  };
}
