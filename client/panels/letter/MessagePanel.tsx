/** The letter the story is about: its envelope, what each server stamped on it, and what is inside, as far as it has crossed the wire. */
import { type ReactNode, useMemo } from 'react';
import { unstuffed } from '../../../shared/decode/framing.ts';
import { parseHeader } from '../../../shared/decode/message.ts';
import { noteText } from '../../../shared/explain/notes.ts';
import type { InboxEntry, Letter, Line, Scene, Story } from '../../../shared/story/story.ts';
import { wallClock } from '../../../shared/trace/header.ts';
import { visible } from '../../../shared/visible.ts';
import { hostName } from '../../caption/host-name.ts';
import { bytesText } from '../../caption/measures.ts';
import { EnvelopeFacts } from './EnvelopeFacts.tsx';
import { LetterView } from './LetterView.tsx';

/** The last of the first `count` that is wanted. */
function lastOf<Item>(items: readonly Item[], count: number, wanted: (item: Item) => boolean): Item | null {
  for (let at = count - 1; at >= 0; at -= 1) {
    const item = items[at];
    if (item !== undefined && wanted(item)) return item;
  }
  return null;
}

/** Where the letter last crossed as it is: into an inbox, or on SMTP. */
function carrierOf(story: Story, letter: Letter | null, scene: Scene): InboxEntry | Line | null {
  if (letter === null) return null;
  return (
    lastOf(story.inbox, scene.inboxCount, entry => entry.letter === letter.id) ??
    lastOf(
      story.lines,
      scene.lineCount,
      line => line.role === 'content' && line.letter === letter.id && line.protocol === 'smtp',
    )
  );
}

function Stamps({ raw }: { readonly raw: Uint8Array }): ReactNode {
  const stamps = parseHeader(raw).fields.filter(field => /^(received|return-path)$/i.test(field.name));
  if (stamps.length === 0) return <p className="panel-note">No server has stamped it yet when it crossed here.</p>;
  return (
    <ol className="stamps">
      {stamps.map(field => (
        <li key={field.range.from}>
          <b>{field.name}:</b> {visible(field.value)}
        </li>
      ))}
    </ol>
  );
}

export function MessagePanel({ story, scene }: { readonly story: Story; readonly scene: Scene }): ReactNode {
  const letter = scene.state.letters.find(candidate => candidate.id === scene.state.focus) ?? null;
  const carrier = carrierOf(story, letter, scene);
  const raw = useMemo(
    () => (carrier === null ? null : 'raw' in carrier ? carrier.raw : unstuffed(carrier.bytes)),
    [carrier],
  );
  if (letter === null) {
    return <p className="panel-empty">No letter is under way at this moment.</p>;
  }
  return (
    <div className="panel-scroll">
      <section>
        <h2>Envelope</h2>
        <p className="panel-note">What the servers read. It can differ from the letter’s own From and To.</p>
        <dl className="facts">
          <EnvelopeFacts letter={letter} />
          <dt>Size</dt>
          <dd>{letter.size === 0 ? 'not known yet' : bytesText(letter.size)}</dd>
          <dt>Where</dt>
          <dd>
            {hostName(scene.state.world, letter.at)} · {noteText(letter.note)}
          </dd>
        </dl>
      </section>
      <section>
        <h2>Postmarks</h2>
        {letter.postmarks.length > 0 && (
          <p className="panel-note">
            {letter.postmarks
              .map(mark => `${mark.host} ${wallClock(story.header.createdAt, mark.wireAt)}`)
              .join('  ·  ')}
          </p>
        )}
        {raw !== null && <Stamps raw={raw} />}
      </section>
      <section>
        <h2>Letter</h2>
        {raw === null ? (
          <p className="panel-note">Its text has not crossed the wire yet: it follows the command DATA.</p>
        ) : (
          <LetterView raw={raw} omitted={carrier?.omitted ?? 0} />
        )}
      </section>
    </div>
  );
}
