/** What can go wrong: each fault a sentence whose blanks are filled in, and two buttons, for the next time and for always. */
import { type ReactNode, useId, useState } from 'react';
import type { Fault } from '../../../shared/faults/fault.ts';
import type { Blank } from '../../../shared/faults/offer.ts';
import type { FaultOffer } from '../../../shared/faults/offers.ts';
import { Button } from '../../design/Button.tsx';
import { strike } from '../../session/keeper.ts';

function Field({
  blank,
  value,
  onChange,
}: {
  readonly blank: Blank;
  readonly value: string;
  readonly onChange: (value: string) => void;
}): ReactNode {
  if (blank.kind === 'choice')
    return (
      <select aria-label={blank.label} value={value} onChange={event => onChange(event.target.value)}>
        {(blank.choices ?? []).map(choice => (
          <option key={choice.value} value={choice.value}>
            {choice.label}
          </option>
        ))}
      </select>
    );
  return (
    <input
      aria-label={blank.label}
      value={value}
      inputMode={blank.kind === 'number' ? 'numeric' : 'text'}
      style={{ width: `${(blank.width ?? 8) + 2}ch` }}
      autoComplete="off"
      autoCapitalize="off"
      spellCheck={false}
      onChange={event => onChange(event.target.value)}
    />
  );
}

const defaults = (offer: FaultOffer): Record<string, string> =>
  Object.fromEntries(Object.entries(offer.blanks).map(([name, blank]) => [name, blank.value]));

function OfferRow({ offer }: { readonly offer: FaultOffer }): ReactNode {
  const [typed, setTyped] = useState<Readonly<Record<string, string>>>({});
  const [set, setSet] = useState('');
  const id = useId();
  // A default may have gone from the world since; only what was typed is kept.
  const filled = { ...defaults(offer), ...typed };
  const what = offer.make(filled);
  const press = async (times: Fault['times']): Promise<void> => {
    if (what === null) return;
    // What is refused is said by the page itself.
    const isSet = await strike(what, times);
    setSet(!isSet ? '' : times === 'next' ? 'Set for the next time.' : 'Set, until you clear it.');
  };
  return (
    <li className="offer">
      <p className="offer-words" id={id}>
        {offer.sentence.split(/(\{\w+\})/).map((piece, index) => {
          const name = /^\{(\w+)\}$/.exec(piece)?.[1];
          const blank = name === undefined ? undefined : offer.blanks[name];
          if (name === undefined || blank === undefined) return piece;
          return (
            <Field
              key={index}
              blank={blank}
              value={filled[name] ?? ''}
              onChange={value => setTyped({ ...typed, [name]: value })}
            />
          );
        })}
      </p>
      <div className="offer-times">
        <Button aria-describedby={id} disabled={what === null} onClick={() => void press('next')}>
          Next time
        </Button>
        <Button aria-describedby={id} disabled={what === null} onClick={() => void press('always')}>
          Always
        </Button>
        <span className="sr-only" role="status">
          {set}
        </span>
      </div>
      {what === null && <p className="offer-problem">A blank is not filled in as it must be.</p>}
    </li>
  );
}

export function FaultOffers({ offers }: { readonly offers: readonly FaultOffer[] }): ReactNode {
  return (
    <ul className="offers">
      {offers.map(offer => (
        <OfferRow key={offer.id} offer={offer} />
      ))}
    </ul>
  );
}
