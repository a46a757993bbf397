/** A letter opened: as text, as source, and its HTML part in a frame that can neither run nor load anything. */

import { memo, type ReactNode, useEffect, useMemo, useState } from 'react';
import { readable } from '../../../shared/bytes.ts';
import { decodeWords, unknownCharsets } from '../../../shared/decode/encoded-words.ts';
import { fieldOf, parseHeader } from '../../../shared/decode/message.ts';
import { addressesText } from '../../../shared/letter/addresses.ts';
import { type LetterContent, readLetter } from '../../../shared/letter/content.ts';
import { piecesOf } from '../../../shared/letter/source.ts';
import { visible } from '../../../shared/visible.ts';
import { bytesText } from '../../caption/measures.ts';
import { Button } from '../../design/Button.tsx';
import { Choices } from '../../design/Choices.tsx';
import { Scroller } from '../../design/Scroller.tsx';
import { LetterFrame } from './LetterFrame.tsx';
import { MimeView } from './MimeView.tsx';
import { ReportView } from './ReportView.tsx';

type Reading =
  | { readonly raw: Uint8Array; readonly content: LetterContent }
  | { readonly raw: Uint8Array; readonly failed: true };

/** A browser lays out so much text without a pause that one notices; the rest is in the trace. */
const LONGEST_SOURCE = 200_000;
const LONGEST_TEXT = 100_000;

function Text({ text }: { readonly text: string }): ReactNode {
  const more = text.length - LONGEST_TEXT;
  return (
    <>
      <div className="letter-text" dir="auto">
        {text.slice(0, LONGEST_TEXT)}
      </div>
      {more > 0 && <p className="panel-note">… and {more.toLocaleString('en')} characters more.</p>}
    </>
  );
}

const SHOWN_FIELDS = ['From', 'Reply-To', 'To', 'Cc', 'Subject', 'Date'] as const;
const ADDRESSES: ReadonlySet<string> = new Set(['From', 'Reply-To', 'To', 'Cc']);

type View = 'text' | 'html' | 'source';
const VIEW_WORDS: Readonly<Record<View, string>> = { text: 'Text', html: 'HTML', source: 'Source' };

function Source({ raw }: { readonly raw: Uint8Array }): ReactNode {
  const [most, setMost] = useState(LONGEST_SOURCE);
  const end = Math.min(raw.length, most);
  return (
    <>
      <Scroller className="letter-source" label="Source of the letter">
        {piecesOf(raw, end).map(({ from, to, stamped }) => (
          <span key={from} className={stamped ? 'stamped' : ''}>
            {visible(readable(raw.subarray(from, to)).replaceAll('\r\n', '\n'))}
          </span>
        ))}
      </Scroller>
      {raw.length > end && (
        <Button look="quiet" onClick={() => setMost(most + LONGEST_SOURCE)}>
          {bytesText(raw.length - end)} more: show the next {bytesText(Math.min(LONGEST_SOURCE, raw.length - end))}
        </Button>
      )}
    </>
  );
}

/** Octets that cannot be read as what they say they are. */
function UnknownCharsets({ names }: { readonly names: readonly string[] }): ReactNode {
  if (names.length === 0) return null;
  return (
    <p className="panel-note">
      {names.length === 1 ? 'The character set' : 'The character sets'}{' '}
      {names.map(name => `“${name.slice(0, 60)}”`).join(', ')} {names.length === 1 ? 'is' : 'are'} not known here; what
      is written in {names.length === 1 ? 'it' : 'them'} is shown as it stands.
    </p>
  );
}

const fieldText = (name: string, value: string): string =>
  ADDRESSES.has(name) ? addressesText(value) : decodeWords(value);

interface Props {
  readonly raw: Uint8Array;
  /** Octets in its middle that crossed the wire and were not recorded. */
  readonly omitted: number;
}

export const LetterView = memo(function LetterView({ raw, omitted }: Props): ReactNode {
  const [view, setView] = useState<View>('text');
  const [reading, setReading] = useState<Reading | null>(null);
  useEffect(() => {
    let here = true;
    readLetter(raw)
      .then(content => here && setReading({ raw, content }))
      .catch(() => here && setReading({ raw, failed: true }));
    return () => {
      here = false;
    };
  }, [raw]);

  const header = useMemo(() => parseHeader(raw), [raw]);
  const done = reading?.raw === raw ? reading : null;
  const content = done !== null && 'content' in done ? done.content : null;
  const report = content?.report ?? null;
  const named = content?.attachments.map(({ name, type }) => (name === '' ? type : name)) ?? [];
  const unknown = [
    ...new Set([
      ...SHOWN_FIELDS.flatMap(name => unknownCharsets(fieldOf(header, name))),
      ...(content?.unknownCharsets ?? []),
    ]),
  ];
  const views: readonly View[] = content?.html ? ['text', 'html', 'source'] : ['text', 'source'];
  const shown = views.includes(view) ? view : 'text';
  return (
    <article className="letter">
      <Choices label="Show the letter as" choices={views} words={VIEW_WORDS} chosen={shown} onChoose={setView} />
      {omitted > 0 && (
        <p className="panel-note">
          A long letter: {bytesText(omitted)} in its middle crossed the wire whole but were not kept in the recording.
        </p>
      )}
      {shown === 'source' ? (
        <Source raw={raw} />
      ) : (
        <>
          <dl className="letter-head">
            {SHOWN_FIELDS.map(name => {
              const value = fieldText(name, fieldOf(header, name));
              return value === '' ? null : (
                <div key={name}>
                  <dt>{name}</dt>
                  <dd dir="auto">{visible(value)}</dd>
                </div>
              );
            })}
          </dl>
          <UnknownCharsets names={unknown} />
          {shown === 'html' && content?.html ? (
            <LetterFrame html={content.html} images={content.attachments} />
          ) : report !== null && shown === 'text' ? (
            <ReportView report={report.facts} words={report.words} />
          ) : done === null ? (
            <p className="panel-empty">Opening the letter…</p>
          ) : content === null ? (
            <p className="panel-empty">This letter’s MIME structure could not be read. Its source is all there.</p>
          ) : /\S/.test(content.text ?? '') ? (
            <Text text={content.text ?? ''} />
          ) : (
            <p className="panel-empty">{content.html ? 'This letter has only an HTML part.' : 'The body is empty.'}</p>
          )}
          {report === null && named.length > 0 && <p>Attached: {named.map(visible).join(', ')}</p>}
          <MimeView raw={raw} />
        </>
      )}
    </article>
  );
});
