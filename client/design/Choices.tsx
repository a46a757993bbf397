/** A few ways of showing one thing, side by side, of which one is pressed. */
import type { ReactNode } from 'react';
import './parts.css';

interface ChoicesProps<Value extends string> {
  /** What is chosen, for who cannot see it. */
  readonly label: string;
  readonly choices: readonly Value[];
  readonly words: Readonly<Record<Value, string>>;
  readonly chosen: Value;
  readonly onChoose: (choice: Value) => void;
}

export function Choices<Value extends string>(props: ChoicesProps<Value>): ReactNode {
  const { label, choices, words, chosen, onChoose } = props;
  return (
    // biome-ignore lint/a11y/useSemanticElements: a group of buttons is no fieldset
    <div className="choices" role="group" aria-label={label}>
      {choices.map(choice => (
        <button type="button" key={choice} aria-pressed={choice === chosen} onClick={() => onChoose(choice)}>
          {words[choice]}
        </button>
      ))}
    </div>
  );
}
