/** A field of the editor: what is typed becomes an edit when it is left or Enter is pressed; where that is refused, the reason stands below and what was typed stays. */
import { type KeyboardEvent, type ReactNode, useEffect, useId, useState } from 'react';
import type { Edited } from '../../shared/world/edit.ts';
import { change } from '../session/keeper.ts';

interface Props {
  readonly label: string;
  /** As it is now. */
  readonly value: string;
  readonly edit: (typed: string) => Edited;
  readonly numeric?: boolean;
  readonly hint?: string;
}

export function Field({ label, value, edit, numeric = false, hint }: Props): ReactNode {
  const [typed, setTyped] = useState(value);
  const [problem, setProblem] = useState<string | null>(null);
  const id = useId();
  useEffect(() => {
    setTyped(value);
    setProblem(null);
  }, [value]);
  const commit = async (): Promise<void> => {
    if (typed.trim() === value) return setProblem(null);
    setProblem(await change(edit(typed.trim())));
  };
  const press = (event: KeyboardEvent): void => {
    if (event.key !== 'Enter') return;
    event.preventDefault();
    void commit();
  };
  return (
    <label className="world-field">
      <span>{label}</span>
      <input
        value={typed}
        inputMode={numeric ? 'numeric' : 'text'}
        autoComplete="off"
        spellCheck={false}
        aria-invalid={problem !== null}
        aria-describedby={`${id}-said`}
        onChange={event => setTyped(event.target.value)}
        onBlur={() => void commit()}
        onKeyDown={press}
      />
      <small
        id={`${id}-said`}
        role={problem === null ? undefined : 'alert'}
        className={problem === null ? '' : 'said-bad'}
      >
        {problem === null ? hint : `✕ ${problem}`}
      </small>
    </label>
  );
}

/** A choice that becomes an edit at once. */
export function Choice({
  label,
  value,
  choices,
  edit,
}: {
  readonly label: string;
  readonly value: string;
  readonly choices: readonly { readonly value: string; readonly label: string }[];
  readonly edit: (chosen: string) => Edited;
}): ReactNode {
  const [problem, setProblem] = useState<string | null>(null);
  return (
    <label className="world-field">
      <span>{label}</span>
      <select value={value} onChange={event => void change(edit(event.target.value)).then(setProblem)}>
        {choices.map(choice => (
          <option key={choice.value} value={choice.value}>
            {choice.label}
          </option>
        ))}
      </select>
      {problem !== null && (
        <small role="alert" className="said-bad">
          ✕ {problem}
        </small>
      )}
    </label>
  );
}
