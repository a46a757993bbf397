/** The letter the story is about: its envelope, what each server stamped on it, and what is inside, as far as it has crossed the wire. */
import { type ReactNode, useMemo } from 'react';
import { unstuffed } from '../../shared/decode/framing.ts';
import { parseHeader } from '../../shared/decode/message.ts';
import type { InboxEntry, Letter, Line, Scene, Story } from '../../shared/story/story.ts';
import { hostName } from './host-name.ts';
import { LetterView } from './LetterView.tsx';
import { bytesText, timeOfDay } from './measures.ts';

/** A message's octets as the mail client got them, or as they last crossed on SMTP. */
function rawOf(story: Story, letter: Letter, lineCount: number, inboxCount: number): Uint8Array | null {
  const read = story.inbox.slice(0, inboxCount).findLast((entry: InboxEntry) => entry.letter === letter.id);
  if (read !== undefined) return read.raw;
  const line = story.lines
    .slice(0, lineCount)
    .findLast(
      (candidate: Line) =>
        candidate.role === 'content' && candidate.letter === letter.id && candidate.protocol === 'smtp',
    );
  return line === undefined ? null : unstuffed(line.bytes);
}

function Stamps({ raw }: { readonly raw: Uint8Array }): ReactNode {
  const stamps = parseHeader(raw).fields.filter(field => /^(received|return-path)$/i.test(field.name));
  if (stamps.length === 0) return <p className="panel-note">No server has stamped it yet when it crossed here.</p>;
  return (
    <ol className="stamps">
      {stamps.map(field => (
        <li key={field.range.from}>
          <b>{field.name}:</b> {field.value}
        </li>
      ))}
    </ol>
  );
}

export function MessagePanel({ story, scene }: { readonly story: Story; readonly scene: Scene }): ReactNode {
  const letter = scene.state.letters.find(candidate => candidate.id === scene.state.focus) ?? null;
  const raw = useMemo(
    () => (letter === null ? null : rawOf(story, letter, scene.lineCount, scene.inboxCount)),
    [story, letter, scene.lineCount, scene.inboxCount],
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
          <dt>MAIL FROM</dt>
          <dd>
            <code>&lt;{letter.reversePath}&gt;</code>
          </dd>
          <dt>RCPT TO</dt>
          <dd>
            {letter.recipients.map(recipient => (
              <code key={recipient}>&lt;{recipient}&gt;</code>
            ))}
          </dd>
          <dt>Size</dt>
          <dd>{letter.size === 0 ? 'not known yet' : bytesText(letter.size)}</dd>
          <dt>Where</dt>
          <dd>
            {hostName(story, letter.at)} · {letter.note}
          </dd>
        </dl>
      </section>
      <section>
        <h2>Postmarks</h2>
        {letter.postmarks.length > 0 && (
          <p className="panel-note">
            {letter.postmarks
              .map(mark => `${mark.host} ${timeOfDay(story.header.createdAt, mark.wireAt)}`)
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
          <LetterView raw={raw} />
        )}
      </section>
    </div>
  );
}
