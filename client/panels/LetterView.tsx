/** A letter opened: as text, as source, and its HTML part in a frame that can neither run nor load anything. */

import PostalMime from 'postal-mime';
import { memo, type ReactNode, useEffect, useMemo, useState } from 'react';
import { readable } from '../../shared/bytes.ts';
import { readDsn } from '../../shared/decode/dsn.ts';
import { decodeWords, fieldOf, parseHeader } from '../../shared/decode/message.ts';
import { visible } from '../../shared/visible.ts';
import { Choices } from '../design/Choices.tsx';
import { MimeView } from './MimeView.tsx';
import { bytesText } from './measures.ts';
import { ReportView } from './ReportView.tsx';
import { Scroller } from './Scroller.tsx';

interface Parts {
  readonly text: string | null;
  readonly html: string | null;
  readonly attachments: readonly string[];
}

type Reading =
  | { readonly raw: Uint8Array; readonly parts: Parts }
  | { readonly raw: Uint8Array; readonly failed: true };

/** A browser lays out so much text without a pause that one notices; the rest is in the trace. */
const LONGEST_SOURCE = 200_000;
const LONGEST_TEXT = 100_000;

function Text({ text }: { readonly text: string }): ReactNode {
  const more = text.length - LONGEST_TEXT;
  return (
    <>
      <div className="letter-text">{text.slice(0, LONGEST_TEXT)}</div>
      {more > 0 && <p className="panel-note">… and {more.toLocaleString('en')} characters more.</p>}
    </>
  );
}

/** Nothing remote, no script, no form: a letter must not tell its sender that it was opened. */
const FRAME_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:";
const framed = (html: string): string =>
  `<!doctype html><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="${FRAME_POLICY}"><base target="_blank">${html}`;

async function partsOf(raw: Uint8Array): Promise<Parts> {
  const email = await PostalMime.parse(raw.slice());
  return {
    text: email.text ?? null,
    html: email.html ?? null,
    attachments: email.attachments.map(attachment => attachment.filename ?? attachment.mimeType),
  };
}

const SHOWN_FIELDS = ['From', 'To', 'Cc', 'Subject', 'Date'] as const;
const STAMPS = new Set(['received', 'return-path']);

type View = 'text' | 'html' | 'source';
const VIEW_WORDS: Readonly<Record<View, string>> = { text: 'Text', html: 'HTML', source: 'Source' };

function Source({ raw }: { readonly raw: Uint8Array }): ReactNode {
  const header = parseHeader(raw);
  const body = readable(raw.subarray(header.body, header.body + LONGEST_SOURCE));
  return (
    <Scroller className="letter-source" label="Source of the letter">
      {header.fields.map(field => (
        <span key={field.range.from} className={STAMPS.has(field.name.toLowerCase()) ? 'stamped' : ''}>
          {visible(readable(raw.subarray(field.range.from, field.range.to)).replaceAll('\r\n', '\n'))}
        </span>
      ))}
      {'\n'}
      {visible(body.replaceAll('\r\n', '\n'))}
      {raw.length - header.body > LONGEST_SOURCE && `\n… ${bytesText(raw.length - header.body - LONGEST_SOURCE)} more`}
    </Scroller>
  );
}

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
    partsOf(raw)
      .then(parts => here && setReading({ raw, parts }))
      .catch(() => here && setReading({ raw, failed: true }));
    return () => {
      here = false;
    };
  }, [raw]);

  const report = useMemo(() => readDsn(raw), [raw]);
  const header = parseHeader(raw);
  const done = reading?.raw === raw ? reading : null;
  const parts = done !== null && 'parts' in done ? done.parts : null;
  const views: readonly View[] = parts?.html ? ['text', 'html', 'source'] : ['text', 'source'];
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
              const value = decodeWords(fieldOf(header, name));
              return value === '' ? null : (
                <div key={name}>
                  <dt>{name}</dt>
                  <dd>{visible(value)}</dd>
                </div>
              );
            })}
          </dl>
          {shown === 'html' && parts?.html ? (
            <iframe
              sandbox=""
              srcDoc={framed(parts.html)}
              title="The letter’s HTML part"
              referrerPolicy="no-referrer"
            />
          ) : report !== null && shown === 'text' ? (
            <ReportView report={report} />
          ) : done === null ? (
            <p className="panel-empty">Opening the letter…</p>
          ) : parts === null ? (
            <p className="panel-empty">This letter’s MIME structure could not be read. Its source is all there.</p>
          ) : /\S/.test(parts.text ?? '') ? (
            <Text text={parts.text ?? ''} />
          ) : (
            <p className="panel-empty">{parts.html ? 'This letter has only an HTML part.' : 'The body is empty.'}</p>
          )}
          {report === null && parts !== null && parts.attachments.length > 0 && (
            <p>Attached: {parts.attachments.map(visible).join(', ')}</p>
          )}
          <MimeView raw={raw} />
        </>
      )}
    </article>
  );
});
