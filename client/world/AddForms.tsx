/** What can be added to a world, each with a form whose fields are filled in already; a button says why it cannot be pressed. */
import { type FormEvent, type ReactNode, useId, useState } from 'react';
import { worldEditText } from '../../shared/explain/world-edits.ts';
import {
  addBackupMx,
  addDomain,
  type EditableWorld,
  type Edited,
  roomForDomains,
  roomForHosts,
} from '../../shared/world/edit.ts';
import { addAlias, addForwarder, addList, addUser } from '../../shared/world/people.ts';
import { domainNamed } from '../../shared/world/world.ts';
import { Button } from '../design/Button.tsx';
import { PlusIcon } from '../design/icons.tsx';
import { change } from '../session/keeper.ts';
import { useKeeper } from '../session/useKeeper.ts';
import { addressesIn } from './edits.ts';

interface Blank {
  readonly name: string;
  readonly label: string;
  readonly value: string;
  readonly choices?: readonly string[];
}
interface Form {
  readonly title: string;
  readonly says: string;
  /** Why there is no room; null while there is. */
  readonly full: string | null;
  readonly blanks: readonly Blank[];
  readonly make: (typed: Readonly<Record<string, string>>) => Edited;
}

const COLOURS = ['red', 'violet', 'orange', 'silver', 'amber', 'teal', 'pink'];
const NAMES = [
  'Carol',
  'Dave',
  'Erin',
  'Frank',
  'Grace',
  'Heidi',
  'Ivan',
  'Judy',
  'Mallory',
  'Niaj',
  'Olivia',
  'Peggy',
];
const fresh = (names: readonly string[], taken: (name: string) => boolean): string =>
  names.find(name => !taken(name)) ?? names[0] ?? '';

function formsFor(world: EditableWorld): readonly Form[] {
  const domains = world.domains.map(({ name }) => name);
  const second = domains[1] ?? domains[0] ?? '';
  const people = world.users.map(({ address }) => address);
  const reader = people[1] ?? people[0] ?? '';
  const hosts = roomForHosts(world);
  const colour = fresh(COLOURS, name => domainNamed(world, `${name}.example`) !== undefined);
  const name = fresh(NAMES, each => world.users.some(user => user.name === each));
  const to: Blank = { name: 'to', label: 'Goes on to', value: reader };
  return [
    {
      title: 'Add a domain',
      says: 'With one small server that sends, receives and keeps the mailboxes, and its zone.',
      full: roomForDomains(world) ?? hosts,
      blanks: [{ name: 'name', label: 'Name', value: `${colour}.example` }],
      make: typed => addDomain(world, typed.name ?? ''),
    },
    {
      title: 'Add a person',
      says: 'With a mail client of their own.',
      full: hosts,
      blanks: [
        { name: 'name', label: 'Name', value: name },
        { name: 'domain', label: 'Domain', value: domains.at(-1) ?? '', choices: domains },
      ],
      make: typed => {
        const called = (typed.name ?? '').trim();
        const local = called.toLowerCase().replace(/[^a-z0-9]+/g, '.');
        return addUser(world, called, `${local}@${typed.domain}`);
      },
    },
    {
      title: 'Add a backup MX',
      says: 'It stores letters while the better exchangers are away, and hands them on.',
      full: hosts,
      blanks: [{ name: 'domain', label: 'Domain', value: second, choices: domains }],
      make: typed => addBackupMx(world, typed.domain ?? ''),
    },
    {
      title: 'Add a forwarder',
      says: 'A domain of its own whose one host sends letters on; the envelope sender stays.',
      full: roomForDomains(world) ?? hosts,
      blanks: [{ name: 'address', label: 'Address', value: `${reader.split('@')[0] ?? 'bob'}@alumni.example` }, to],
      make: typed => addForwarder(world, typed.address ?? '', addressesIn(typed.to ?? '')),
    },
    {
      title: 'Add an alias',
      says: 'Another address, from which letters go on to one or more.',
      full: null,
      blanks: [
        { name: 'address', label: 'Address', value: `sales@${second}` },
        { ...to, value: people.slice(0, 2).join(', ') },
      ],
      make: typed => addAlias(world, typed.address ?? '', addressesIn(typed.to ?? '')),
    },
    {
      title: 'Add a mailing list',
      says: 'Each member gets a letter of their own, whose envelope sender is the list.',
      full: null,
      blanks: [
        { name: 'address', label: 'Address', value: `club@${second}` },
        { name: 'name', label: 'Name', value: 'Lunch club' },
        { name: 'members', label: 'Members', value: people.join(', ') },
      ],
      make: typed => addList(world, typed.address ?? '', typed.name ?? '', addressesIn(typed.members ?? '')),
    },
  ];
}

function AddForm({ form, onDone }: { readonly form: Form; readonly onDone: (said: string) => void }): ReactNode {
  const [typed, setTyped] = useState<Readonly<Record<string, string>>>(() =>
    Object.fromEntries(form.blanks.map(blank => [blank.name, blank.value])),
  );
  const [problem, setProblem] = useState<string | null>(null);
  const busy = useKeeper(state => state.busy);
  const id = useId();
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    const edited = form.make(typed);
    const refusal = await change(edited);
    setProblem(refusal);
    if (refusal === null && edited.ok) onDone(worldEditText(edited.edit, edited.world));
  };
  const set = (name: string, value: string): void => {
    setTyped({ ...typed, [name]: value });
    setProblem(null);
  };
  return (
    <form className="world-add-form" aria-label={form.title} onSubmit={event => void submit(event)}>
      <p>{form.says}</p>
      {form.blanks.map((blank, at) => (
        <label key={blank.name} className="world-field" htmlFor={`${id}-${blank.name}`}>
          <span>{blank.label}</span>
          {blank.choices === undefined ? (
            <input
              // biome-ignore lint/a11y/noAutofocus: the form was opened to write here
              autoFocus={at === 0}
              id={`${id}-${blank.name}`}
              value={typed[blank.name] ?? ''}
              autoCapitalize="off"
              spellCheck={false}
              onChange={event => set(blank.name, event.target.value)}
            />
          ) : (
            <select
              id={`${id}-${blank.name}`}
              value={typed[blank.name]}
              onChange={event => set(blank.name, event.target.value)}
            >
              {blank.choices.map(choice => (
                <option key={choice}>{choice}</option>
              ))}
            </select>
          )}
        </label>
      ))}
      <Button look="primary" type="submit" disabled={busy}>
        Add
      </Button>
      {problem !== null && (
        <p className="said-bad" role="alert">
          ✕ {problem}
        </p>
      )}
    </form>
  );
}

export function AddForms({ world }: { readonly world: EditableWorld }): ReactNode {
  const [open, setOpen] = useState<string | null>(null);
  const [said, setSaid] = useState('');
  const forms = formsFor(world);
  const form = forms.find(({ title }) => title === open);
  const reasons = new Set(forms.flatMap(({ full }) => (full === null ? [] : [full])));
  return (
    <section className="world-add" aria-label="Add to the world">
      <div className="world-add-row">
        {forms.map(({ title, full }) => (
          <Button
            key={title}
            icon={<PlusIcon />}
            aria-expanded={open === title}
            disabled={full !== null}
            title={full ?? undefined}
            onClick={() => {
              setOpen(open === title ? null : title);
              setSaid('');
            }}
          >
            {title}
          </Button>
        ))}
      </div>
      {[...reasons].map(reason => (
        <p key={reason} className="said-remark">
          ! {reason}
        </p>
      ))}
      <p className="world-said" role="status">
        {said}
      </p>
      {form !== undefined && form.full === null && (
        <AddForm
          key={form.title}
          form={form}
          onDone={what => {
            setOpen(null);
            setSaid(`✓ ${what}`);
          }}
        />
      )}
    </section>
  );
}
