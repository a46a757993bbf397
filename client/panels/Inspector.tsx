/** What the viewer pointed at, explained from the real bytes, with its RFC section. */
import type { ReactNode } from 'react';
import { faultLabel } from '../../shared/explain/faults.ts';
import { explainLine } from '../../shared/explain/line.ts';
import { noteText } from '../../shared/explain/notes.ts';
import { SERVICE_WORDS } from '../../shared/explain/services.ts';
import { PROTOCOLS, SERVICES, type ServiceKind } from '../../shared/protocols.ts';
import { begunAt } from '../../shared/story/scene.ts';
import type { Letter, Line, Scene, Story } from '../../shared/story/story.ts';
import { visible } from '../../shared/visible.ts';
import type { Host, HostId, PublicWorld } from '../../shared/world/world.ts';
import { words } from '../caption/Caption.tsx';
import { hostName } from '../caption/host-name.ts';
import { bytesText, wireClock } from '../caption/measures.ts';
import { CrossIcon } from '../design/icons.tsx';
import { Scroller } from '../design/Scroller.tsx';
import { Tag } from '../design/Tag.tsx';
import { useKeeper } from '../session/useKeeper.ts';
import { inspect, openDialog, showTab } from '../session/view.ts';
import type { Inspect } from '../stage/plan/inspect.ts';
import { FaultFacts, HostFaults, LineFaults } from '../world/faults/FaultsHere.tsx';
import { Bytes, Octets } from './Bytes.tsx';
import { EnvelopeFacts } from './letter/EnvelopeFacts.tsx';

const LONGEST_TEXT = 4000;

function LineFacts({
  story,
  world,
  line,
}: {
  readonly story: Story;
  readonly world: PublicWorld;
  readonly line: Line;
}): ReactNode {
  const explained = explainLine(line);
  return (
    <>
      <p className="inspector-meta">
        <Tag protocol={line.protocol} />
        <span>
          {line.from === 'aside'
            ? `${hostName(world, line.server)}, off the wire`
            : `${hostName(world, line.from === 'client' ? line.client : line.server)} says`}
          {' · '}
          at {wireClock(line.wireAt)} of wire time
          {line.bytes.length > 0 && ` · ${bytesText(line.bytes.length + line.omitted)}`}
          {line.omitted > 0 && `, of which ${bytesText(line.omitted)} in the middle were not kept in the recording`}
        </span>
      </p>
      <p>
        {words(explained.sentence)}{' '}
        {explained.references.map(reference => (
          <a key={reference.url} href={reference.url} target="_blank" rel="noreferrer">
            {reference.label}
          </a>
        ))}
      </p>
      {line.bytes.length > 0 && line.protocol !== 'dns' && (
        <Scroller className="inspector-text" label="Exactly as sent">
          <Octets bytes={line.bytes.subarray(0, LONGEST_TEXT)} />
        </Scroller>
      )}
      {line.bytes.length > 0 && <Bytes bytes={line.bytes} />}
      <LineFaults story={story} line={line} />
    </>
  );
}

/** "takes letters from its own users (SMTP submission, port 587)" */
function serviceWords(service: ServiceKind): string {
  const { protocol, name, port } = SERVICES[service];
  const spoken = PROTOCOLS[protocol].name;
  return `${SERVICE_WORDS[service].duty} (${name === spoken ? spoken : `${spoken} ${name}`}, port ${port})`;
}

function HostFacts({ scene, id }: { readonly scene: Scene; readonly id: HostId }): ReactNode {
  const { world } = scene.state;
  const host = world.hosts.find(candidate => candidate.id === id);
  if (host === undefined) return null;
  const state = scene.state.hosts[id];
  const user = world.users.find(candidate => candidate.client === id);
  const counts = [
    host.services.includes('submission') && `${state?.queue ?? 0} in the queue`,
    host.services.includes('pop3') &&
      `${state?.mailbox ?? 0} in the mailbox${state?.locked ? ', locked by a session' : ''}`,
    host.kind === 'client' && `${state?.inbox ?? 0} in the inbox`,
  ].filter(part => part !== false);
  return (
    <>
      <p className="inspector-meta">
        <code>{host.id}</code>
        <code>{host.addresses.join(', ')}</code>
      </p>
      <p>
        {host.kind === 'client' && `The program with which ${user?.name ?? 'a person'} writes and reads mail. `}
        {host.kind === 'visitor' && 'A mail program outside this world that came in by one of the published ports. '}
        {host.services.length > 0 &&
          `This host ${host.services.map(service => serviceWords(service)).join(', and ')}. `}
        {counts.length > 0 && `Now: ${counts.join(', ')}.`}
      </p>
      <StrangerAt host={host} />
      <HostFaults host={id} />
    </>
  );
}

function StrangerAt({ host }: { readonly host: Host }): ReactNode {
  const live = useKeeper(state => state.facts !== null);
  if (!live || !host.services.some(service => SERVICES[service].protocol === 'smtp')) return null;
  return (
    <button type="button" className="link" onClick={() => openDialog({ kind: 'stranger', server: host.id })}>
      Call it as a stranger
    </button>
  );
}

function LetterFacts({ world, letter }: { readonly world: PublicWorld; readonly letter: Letter }): ReactNode {
  return (
    <>
      <dl className="facts">
        <EnvelopeFacts letter={letter} />
        <dt>Responsible now</dt>
        <dd>{hostName(world, letter.responsible)}</dd>
        <dt>Postmarks</dt>
        <dd>
          {letter.postmarks.length === 0
            ? 'none yet'
            : letter.postmarks.map(mark => `${mark.host} at ${wireClock(mark.wireAt)}`).join(', ')}
        </dd>
      </dl>
      <p>{noteText(letter.note)}</p>
      <button type="button" className="link" onClick={() => showTab('message')}>
        Read what is inside
      </button>
    </>
  );
}

/** A step has one line at most. */
function lineOfStep(story: Story, step: number): Line | undefined {
  const line = story.lines[begunAt(story.lines, step, candidate => candidate.step) - 1];
  return line?.step === step && line.bytes.length > 0 ? line : undefined;
}

function facts(story: Story, scene: Scene, target: Inspect): { title: string; body: ReactNode } | null {
  if (target.kind === 'host') {
    return {
      title: hostName(scene.state.world, target.host),
      body: <HostFacts scene={scene} id={target.host} />,
    };
  }
  if (target.kind === 'fault') {
    const fault = scene.state.world.faults.find(({ id }) => id === target.id);
    return { title: fault === undefined ? 'A fault' : faultLabel(fault), body: <FaultFacts id={target.id} /> };
  }
  if (target.kind === 'letter') {
    const letter = scene.state.letters.find(candidate => candidate.id === target.letter);
    return letter === undefined
      ? null
      : {
          title: letter.subject === '' ? 'A letter without a subject' : `The letter “${letter.subject}”`,
          body: <LetterFacts world={scene.state.world} letter={letter} />,
        };
  }
  const line = target.kind === 'line' ? story.lines[target.index] : lineOfStep(story, target.step);
  return line === undefined
    ? null
    : { title: explainLine(line).title, body: <LineFacts story={story} world={scene.state.world} line={line} /> };
}

export function Inspector({
  story,
  scene,
  target,
}: {
  readonly story: Story;
  readonly scene: Scene;
  readonly target: Inspect;
}): ReactNode {
  const found = facts(story, scene, target);
  if (found === null) return null;
  return (
    <section className="inspector" aria-label="Explanation">
      <header>
        <h2>{visible(found.title)}</h2>
        <button type="button" aria-label="Close the explanation" onClick={() => inspect(null)}>
          <CrossIcon />
        </button>
      </header>
      <div className="inspector-body">{found.body}</div>
    </section>
  );
}
