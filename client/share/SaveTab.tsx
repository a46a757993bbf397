/** Everything that a run can be saved as. */
import { type ReactNode, useMemo, useState } from 'react';
import { bytesText } from '../caption/measures.ts';
import { Button } from '../design/Button.tsx';
import { SaveIcon } from '../design/icons.tsx';
import { openDialog } from '../session/view.ts';
import { type Chosen, type Kind, lettersOf, save } from './files.ts';
import { SaveButton } from './SaveButton.tsx';

interface Offer {
  readonly name: string;
  readonly says: string;
  readonly files: readonly (readonly [Kind, string])[];
}

const OFFERS: readonly Offer[] = [
  {
    name: 'A page that needs nothing',
    says: 'One HTML file with player, recording and transcript. Opens from a disk, a mail or any site, without a network.',
    files: [['page', 'Save']],
  },
  {
    name: 'The recording',
    says: 'Every octet with its time, all of the run. Drop it on any mailscope, or give it to “mailscope export”.',
    files: [['recording', 'Save']],
  },
  {
    name: 'The told run',
    says: 'What a figure draws and no more: small, for <mail-flow>.',
    files: [['told', 'Save']],
  },
  {
    name: 'The transcript',
    says: 'Every step in words, with the lines that crossed.',
    files: [
      ['transcript-html', 'HTML'],
      ['transcript-markdown', 'Markdown'],
      ['transcript-text', 'Text'],
    ],
  },
  {
    name: 'The ladder',
    says: 'Hosts as columns, lines as arrows: a drawing, or a Mermaid diagram for a README.',
    files: [
      ['ladder-svg', 'SVG'],
      ['ladder-mermaid', 'Mermaid'],
    ],
  },
];

function Letters({ chosen, onSaid }: { readonly chosen: Chosen; readonly onSaid: (said: string) => void }): ReactNode {
  const { story, span } = chosen;
  const letters = useMemo(() => lettersOf({ story, span }), [story, span]);
  const take = (...names: readonly string[]): void => {
    for (const { name, bytes } of letters)
      if (names.includes(name)) save({ name, type: 'message/rfc822', content: bytes });
    onSaid(names.length === 1 ? `Saved ${names[0]}` : `Saved ${names.length} letters`);
  };
  if (letters.length === 0) return <p>No letter crosses as a whole in this part.</p>;
  return (
    <>
      <ol className="share-letters">
        {letters.map(({ name, way, bytes, added, omitted }) => (
          <li key={name}>
            <span>
              {way}
              <small>
                {bytesText(bytes.length)}
                {added.length > 0 && <>, new in it: {added.join(', ')}</>}
                {omitted > 0 && <>, {bytesText(omitted)} of it were not recorded</>}
              </small>
            </span>
            <Button look="quiet" aria-label={`Save ${name}`} onClick={() => take(name)}>
              .eml
            </Button>
          </li>
        ))}
      </ol>
      {letters.length > 1 && (
        <Button onClick={() => take(...letters.map(({ name }) => name))}>Save all {letters.length}</Button>
      )}
    </>
  );
}

interface Props {
  readonly chosen: Chosen;
  readonly part: ReactNode;
  /** To what is shown, for a picture that leads there. */
  readonly link: string | null;
}

export function SaveTab({ chosen, part, link }: Props): ReactNode {
  const [said, setSaid] = useState({ text: '', bad: false });
  const say = (text: string, bad = false): void => setSaid({ text, bad });
  return (
    <div className="share-tab">
      {part}
      <ul className="share-offers">
        <li>
          <div>
            <h3>A film or a picture</h3>
            <p>A GIF or a video, a still, or all steps on one sheet: for slides, a README, a chat, a page on paper.</p>
          </div>
          <div className="share-buttons">
            <Button
              icon={<SaveIcon />}
              onClick={() => openDialog({ kind: 'film', first: chosen.span.first, last: chosen.span.last, link })}
            >
              Film or picture…
            </Button>
          </div>
        </li>
        {OFFERS.map(({ name, says, files }) => (
          <li key={name}>
            <div>
              <h3>{name}</h3>
              <p>{says}</p>
            </div>
            <div className="share-buttons">
              {files.map(([kind, label]) => (
                <SaveButton key={kind} kind={kind} chosen={chosen} of={name.replace(/^(A|The) /, 'the ')} onSaid={say}>
                  {label}
                </SaveButton>
              ))}
            </div>
          </li>
        ))}
        <li className="share-hops">
          <div>
            <h3>The letter at each hop</h3>
            <p>As it crossed, octet by octet: what each server added is there to compare.</p>
          </div>
          <Letters chosen={chosen} onSaid={say} />
        </li>
      </ul>
      <p role="status" className={said.bad ? 'share-said bad' : 'share-said'}>
        {said.text === '' ? '' : `${said.bad ? '✕ ' : ''}${said.text}`}
      </p>
    </div>
  );
}
