/** What most letters do without: Bcc, another envelope sender, reports, an attachment, how its parts are encoded. */
import { type ReactNode, useId } from 'react';
import type { LetterToSend, Notify } from '../../shared/api/letters.ts';
import { addressesTyped } from '../../shared/letter/addresses.ts';
import type { Draft, DraftMore } from '../player/place.ts';

const NOTIFY: readonly { readonly when: Notify; readonly words: string }[] = [
  { when: 'SUCCESS', words: 'it has arrived' },
  { when: 'FAILURE', words: 'it cannot arrive' },
  { when: 'DELAY', words: 'it is late' },
  { when: 'NEVER', words: 'never' },
];

/** RFC 3461 §4.1: NEVER stands alone. */
function toggled(wanted: readonly Notify[], when: Notify): readonly Notify[] {
  if (wanted.includes(when)) return wanted.filter(each => each !== when);
  return when === 'NEVER' ? ['NEVER'] : [...wanted.filter(each => each !== 'NEVER'), when];
}

/** What is added to the request, or a sentence about what cannot be. */
export function moreOf(
  draft: Draft,
): { readonly ok: true; readonly more: Partial<LetterToSend> } | { readonly ok: false; readonly message: string } {
  const { bcc = '', envelopeFrom, notify = [], ret, octets = '', encoding } = draft.more ?? {};
  if (!/^\d*$/.test(octets.trim()))
    return { ok: false, message: 'The size of the attachment is a whole number of octets.' };
  const hidden = addressesTyped(bcc);
  return {
    ok: true,
    more: {
      ...(hidden.length > 0 && { bcc: hidden }),
      ...(envelopeFrom !== undefined && { envelopeFrom: envelopeFrom.trim().replace(/^<(.*)>$/, '$1') }),
      ...(notify.length > 0 && { notify }),
      ...(ret !== undefined && { ret }),
      ...(Number(octets) > 0 && { attachment: { name: 'attachment.bin', octets: Number(octets) } }),
      ...(encoding !== undefined && { encoding }),
    },
  };
}

export function MoreFields({
  draft,
  onChange,
}: {
  readonly draft: Draft;
  readonly onChange: (more: DraftMore) => void;
}): ReactNode {
  const more = draft.more ?? {};
  const id = useId();
  const set = (part: DraftMore): void => onChange({ ...more, ...part });
  const { envelopeFrom: own, ret: asked, ...rest } = more;
  const wanted = more.notify ?? [];
  return (
    <details className="compose-more" open={draft.more !== undefined}>
      <summary>More</summary>
      <div className="compose-more-fields">
        <label htmlFor={`${id}-bcc`}>Bcc</label>
        <input
          id={`${id}-bcc`}
          value={more.bcc ?? ''}
          autoCapitalize="off"
          spellCheck={false}
          placeholder="on the envelope, not in the letter"
          onChange={event => set({ bcc: event.target.value })}
        />
        <label htmlFor={`${id}-envelope`}>MAIL FROM</label>
        <div className="compose-envelope">
          <label className="compose-check">
            <input
              type="checkbox"
              checked={own !== undefined}
              onChange={event =>
                onChange(
                  event.target.checked
                    ? { ...more, envelopeFrom: draft.from }
                    : { ...rest, ...(asked && { ret: asked }) },
                )
              }
            />
            another one on the envelope
          </label>
          {own !== undefined && (
            <input
              id={`${id}-envelope`}
              aria-label="MAIL FROM on the envelope"
              value={own}
              autoCapitalize="off"
              spellCheck={false}
              placeholder="empty: <>, nobody"
              onChange={event => set({ envelopeFrom: event.target.value })}
            />
          )}
        </div>
        <fieldset>
          <legend>Report to me when</legend>
          {NOTIFY.map(({ when, words }) => (
            <label key={when} className="compose-check">
              <input
                type="checkbox"
                checked={wanted.includes(when)}
                onChange={() => set({ notify: [...toggled(wanted, when)] })}
              />
              {words}
            </label>
          ))}
        </fieldset>
        <label htmlFor={`${id}-ret`}>Reports bring</label>
        <select
          id={`${id}-ret`}
          value={more.ret ?? ''}
          onChange={event => {
            const { value } = event.target;
            if (value === 'FULL' || value === 'HDRS') set({ ret: value });
            else onChange({ ...rest, ...(own !== undefined && { envelopeFrom: own }) });
          }}
        >
          <option value="">whatever the server likes</option>
          <option value="FULL">the whole letter (RET=FULL)</option>
          <option value="HDRS">its header (RET=HDRS)</option>
        </select>
        <label htmlFor={`${id}-octets`}>Attach</label>
        <span className="compose-octets">
          <input
            id={`${id}-octets`}
            inputMode="numeric"
            value={more.octets ?? ''}
            placeholder="0"
            onChange={event => set({ octets: event.target.value })}
          />
          octets
        </span>
        <label htmlFor={`${id}-encoding`}>Parts go as</label>
        <select
          id={`${id}-encoding`}
          value={more.encoding ?? ''}
          onChange={event => {
            const { value } = event.target;
            const { encoding: _, ...others } = more;
            onChange(value === '8bit' || value === 'binary' ? { ...others, encoding: value } : others);
          }}
        >
          <option value="">lines of ASCII (needs nothing)</option>
          <option value="8bit">text beyond ASCII as it is (needs 8BITMIME)</option>
          <option value="binary">binary (needs BINARYMIME)</option>
        </select>
      </div>
    </details>
  );
}
