/** DNS at this moment: every question so far in this run and what came back, the zones that answer, and what is remembered. */

import { type ReactNode, useMemo } from 'react';
import { type DnsMessage, type DnsRecord, decodeDns } from '../../shared/decode/dns.ts';
import type { Line, Scene, Story } from '../../shared/story/story.ts';
import { visible } from '../../shared/visible.ts';
import type { PublicWorld } from '../../shared/world/world.ts';
import { hostName } from '../caption/host-name.ts';
import { Choices } from '../design/Choices.tsx';
import { firstLineOf } from '../player/navigate.ts';
import type { DnsView } from '../session/store.ts';
import { goTo } from '../session/travel.ts';
import { usePlayer } from '../session/usePlayer.ts';
import { inspect, showDns } from '../session/view.ts';
import { Cache } from '../world/Cache.tsx';
import { Zones } from '../world/Zones.tsx';

const messageOf = (line: Line): DnsMessage | null => decodeDns(line.bytes.subarray(line.framing));

const SECTIONS = [
  ['answers', 'Answer'],
  ['authority', 'Authority'],
  ['additional', 'Additional'],
] as const;

function Records({ title, records }: { readonly title: string; readonly records: readonly DnsRecord[] }): ReactNode {
  const shown = records.filter(record => record.data.type !== 'OPT');
  if (shown.length === 0) return null;
  return (
    <table>
      <caption>{title}</caption>
      <thead className="sr-only">
        <tr>
          <th scope="col">Name</th>
          <th scope="col">Lives</th>
          <th scope="col">Record</th>
        </tr>
      </thead>
      <tbody>
        {shown.map(record => (
          <tr key={record.range.from}>
            <td>{visible(record.name)}</td>
            <td title="How long the answer may be kept, in seconds">{record.ttl} s</td>
            <td>{visible(record.text)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Exchange({ world, line }: { readonly world: PublicWorld; readonly line: Line }): ReactNode {
  const message = useMemo(() => messageOf(line), [line]);
  const answer = line.from === 'server';
  return (
    <li className={answer ? 'dns-answer' : 'dns-question'}>
      <button
        type="button"
        onClick={() => {
          goTo(line.shownAt, false);
          inspect({ kind: 'line', index: line.index });
        }}
      >
        {answer ? `${hostName(world, line.server)} answers` : `${hostName(world, line.client)} asks`}
        {message !== null && answer && message.rcodeName !== 'NOERROR' && <em> {message.rcodeName}</em>}
        {message !== null && answer && message.authoritative && <small> authoritative</small>}
        {message !== null && answer && message.truncated && <small> cut short, asked again over TCP</small>}
      </button>
      {message === null ? (
        <p className="panel-note">These bytes are no DNS message.</p>
      ) : answer ? (
        <>
          {SECTIONS.map(([section, title]) => (
            <Records key={section} title={title} records={message[section]} />
          ))}
          {message.answers.length === 0 && <p className="panel-note">No record of that kind.</p>}
        </>
      ) : (
        message.questions.map(question => (
          <p key={question.range.from} className="dns-asked">
            <b>{question.type} ?</b> {visible(question.name)}
          </p>
        ))
      )}
    </li>
  );
}

function Questions({ story, scene }: { readonly story: Story; readonly scene: Scene }): ReactNode {
  const first = scene.run === null ? 0 : firstLineOf(story, scene.run);
  const lines = story.lines
    .slice(first, scene.lineCount)
    .filter(line => line.protocol === 'dns' && line.from !== 'aside');
  if (lines.length === 0) {
    return <p className="panel-empty">No server has asked DNS anything yet in this run.</p>;
  }
  return (
    <ol className="dns-list">
      {lines.slice(-200).map(line => (
        <Exchange key={line.index} world={scene.state.world} line={line} />
      ))}
    </ol>
  );
}

const VIEWS: Readonly<Record<DnsView, string>> = { questions: 'Questions', zones: 'Zones', cache: 'Cache' };
const VIEW_ORDER = ['questions', 'zones', 'cache'] as const;

export function DnsPanel({ story, scene }: { readonly story: Story; readonly scene: Scene }): ReactNode {
  const view = usePlayer(state => state.dnsView);
  return (
    <div className="panel-scroll dns">
      <Choices label="Show of DNS" choices={VIEW_ORDER} words={VIEWS} chosen={view} onChoose={showDns} />
      {view === 'questions' && <Questions story={story} scene={scene} />}
      {view === 'zones' && <Zones seen={scene.state.world} />}
      {view === 'cache' && <Cache story={story} scene={scene} />}
    </div>
  );
}
