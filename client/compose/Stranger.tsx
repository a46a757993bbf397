/** A call from outside, straight to a server of one's choice: every word as one wishes, right or wrong. */
import { type FormEvent, type ReactNode, useId, useState } from 'react';
import type { StrangerCall } from '../../shared/api/letters.ts';
import { SERVICES } from '../../shared/protocols.ts';
import type { HostId, PublicWorld } from '../../shared/world/world.ts';
import { hostName } from '../caption/host-name.ts';
import { Button } from '../design/Button.tsx';
import { Dialog } from '../design/Dialog.tsx';
import { LetterIcon } from '../design/icons.tsx';
import { shownRoomApi } from '../session/shown-room.ts';
import { awaitNothing, awaitRun } from '../session/travel.ts';
import { useKeeper } from '../session/useKeeper.ts';
import { usePlayer } from '../session/usePlayer.ts';
import { openDialog, showTab } from '../session/view.ts';

interface Typed {
  readonly at: string;
  readonly helo: string;
  readonly mailFrom: string;
  readonly rcptTo: string;
  readonly data: string;
  readonly raw: boolean;
  readonly user: string;
  readonly password: string;
}

const doorsOf = (
  world: PublicWorld,
): readonly { readonly value: string; readonly host: HostId; readonly port: StrangerCall['port'] }[] =>
  world.hosts.flatMap(host =>
    (['smtp', 'submission'] as const)
      .filter(service => host.services.includes(service))
      .map(service => SERVICES[service])
      .map(({ port }) => ({ value: `${host.id}:${port}`, host: host.id, port })),
  );

/** Said as they are typed, right or wrong: nothing is read into them. */
const pathsIn = (typed: string): readonly string[] =>
  typed
    .split(/[,;\n]/)
    .map(path => path.trim())
    .filter(path => path !== '');

/** In a raw letter, `\n` and `\r` as typed are these octets, and the line ends of the field are CRLF. */
const rawOctets = (text: string): string =>
  text.replace(/\r?\n/g, '\r\n').replaceAll('\\r', '\r').replaceAll('\\n', '\n');

interface Idea {
  readonly title: string;
  readonly typed: (world: PublicWorld) => Partial<Typed>;
}

const person = (world: PublicWorld, nth: number): string => world.users[nth]?.address ?? world.users[0]?.address ?? '';

const IDEAS: readonly Idea[] = [
  {
    title: 'Relay through it',
    typed: world => ({
      mailFrom: 'mallory@elsewhere.example',
      rcptTo: person(world, 0),
      data: `From: mallory@elsewhere.example\nTo: ${person(world, 0)}\nSubject: Through you\n\nThis is not for your domain.`,
    }),
  },
  {
    title: 'Lie about who writes',
    typed: world => ({
      mailFrom: person(world, 0),
      rcptTo: person(world, 1),
      data: `From: ${person(world, 0)}\nTo: ${person(world, 1)}\nSubject: Really me\n\nNobody checks what stands on an envelope.`,
    }),
  },
  {
    title: 'Smuggle a second letter',
    typed: world => ({
      mailFrom: 'mallory@elsewhere.example',
      rcptTo: person(world, 1),
      raw: true,
      data: `Subject: One letter\n\nJust one.\\n.\\nMAIL FROM:<${person(world, 0)}>\nRCPT TO:<${person(world, 1)}>\nDATA\nSubject: The second\n\nSmuggled.`,
    }),
  },
];

function Ideas({ fill }: { readonly fill: (idea: Idea) => void }): ReactNode {
  return (
    // biome-ignore lint/a11y/useSemanticElements: a group of buttons is no fieldset
    <div className="stranger-ideas" role="group" aria-label="Fill in">
      {IDEAS.map(idea => (
        <Button key={idea.title} onClick={() => fill(idea)}>
          {idea.title}
        </Button>
      ))}
    </div>
  );
}

function Form({ world, server }: { readonly world: PublicWorld; readonly server: HostId | null }): ReactNode {
  const doors = doorsOf(world);
  const best = world.domains[1]?.exchangers[0] ?? world.domains[0]?.exchangers[0];
  const first =
    doors.find(door => door.host === server) ??
    doors.find(door => door.host === best && door.port === SERVICES.smtp.port) ??
    doors[0];
  const [typed, setTyped] = useState<Typed>(() => ({
    at: first?.value ?? '',
    helo: 'elsewhere.example',
    mailFrom: '',
    rcptTo: '',
    data: '',
    raw: false,
    user: '',
    password: '',
    ...IDEAS[0]?.typed(world),
  }));
  const [problem, setProblem] = useState<string | null>(null);
  const [calling, setCalling] = useState(false);
  const live = useKeeper(state => state.facts !== null);
  const id = useId();
  const set = (part: Partial<Typed>): void => setTyped({ ...typed, ...part });

  const call = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    const door = doors.find(({ value }) => value === typed.at);
    if (door === undefined) return setProblem('There is no server to call.');
    setCalling(true);
    setProblem(null);
    awaitRun();
    const { helo, mailFrom, raw, user, password } = typed;
    const answer = await shownRoomApi().callAsStranger({
      server: door.host,
      port: door.port,
      mailFrom: mailFrom.trim().replace(/^<(.*)>$/, '$1'),
      rcptTo: pathsIn(typed.rcptTo),
      ...(helo.trim() !== '' && { helo: helo.trim() }),
      ...(typed.data !== '' && { data: raw ? rawOctets(typed.data) : typed.data }),
      ...(raw && { raw }),
      ...(user.trim() !== '' && { login: { user: user.trim(), password } }),
    });
    setCalling(false);
    if (answer.ok) {
      openDialog(null);
      showTab('conversation');
    } else {
      awaitNothing();
      setProblem(answer.message);
    }
  };
  const text = (name: 'helo' | 'mailFrom' | 'rcptTo' | 'user' | 'password', label: string): ReactNode => (
    <>
      <label htmlFor={`${id}-${name}`}>{label}</label>
      <input
        id={`${id}-${name}`}
        value={typed[name]}
        autoComplete="off"
        autoCapitalize="off"
        spellCheck={false}
        onChange={event => set({ [name]: event.target.value })}
      />
    </>
  );
  return (
    <form className="compose stranger" onSubmit={event => void call(event)}>
      <Ideas fill={idea => setTyped({ ...typed, raw: false, ...idea.typed(world) })} />
      <label htmlFor={`${id}-at`}>Calls</label>
      <select id={`${id}-at`} value={typed.at} data-first="" onChange={event => set({ at: event.target.value })}>
        {doors.map(({ value, host }) => (
          <option key={value} value={value}>
            {hostName(world, host)} ({value})
          </option>
        ))}
      </select>
      {text('helo', 'EHLO')}
      {text('mailFrom', 'MAIL FROM')}
      {text('rcptTo', 'RCPT TO')}
      <label htmlFor={`${id}-text`}>DATA</label>
      <textarea
        id={`${id}-text`}
        rows={7}
        value={typed.data}
        spellCheck={false}
        onChange={event => set({ data: event.target.value })}
      />
      <label className="compose-collect">
        <input type="checkbox" checked={typed.raw} onChange={event => set({ raw: event.target.checked })} />
        Raw: dots are not doubled, and \n or \r as typed are bare octets
      </label>
      <details className="compose-more" open={typed.user !== ''}>
        <summary>With a login</summary>
        <div className="compose-more-fields">
          {text('user', 'User')}
          {text('password', 'Password')}
        </div>
      </details>
      {problem !== null && (
        <p className="compose-problem" role="alert">
          ✕ {problem}
        </p>
      )}
      {!live && <p className="compose-note">No server is connected that could be called.</p>}
      <div className="compose-actions">
        <Button look="quiet" onClick={() => openDialog(null)}>
          Not now
        </Button>
        <Button look="primary" type="submit" icon={<LetterIcon />} disabled={!live || calling}>
          {calling ? 'Calling…' : 'Call'}
        </Button>
      </div>
    </form>
  );
}

export function Stranger({ world }: { readonly world: PublicWorld }): ReactNode {
  const dialog = usePlayer(state => state.dialog);
  const open = dialog?.kind === 'stranger';
  return (
    <Dialog open={open} onClose={() => openDialog(null)} title="A stranger calls">
      {open && <Form world={world} server={dialog.server} />}
    </Dialog>
  );
}
