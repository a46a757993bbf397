/** A story's question in the caption's place: asked before what it asks about is shown. */
import { type KeyboardEvent, type ReactNode, type Ref, useId } from 'react';
import type { Question as Asks } from '../../shared/story/script.ts';
import { words } from './Caption.tsx';
import './question.css';

interface QuestionProps {
  readonly question: Asks;
  /** "Before step 5 of 14" */
  readonly place: string;
  readonly onChoose: (choice: number) => void;
  readonly onShow: () => void;
  /** At the end of its head. */
  readonly more?: ReactNode;
  /** Under the choices. */
  readonly children?: ReactNode;
  readonly ref?: Ref<HTMLElement>;
}

const MOVES: Readonly<Record<string, 1 | -1>> = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };

/** Arrow keys go from choice to choice; on the page around they step, as always. */
function move(event: KeyboardEvent<HTMLElement>): void {
  const by = MOVES[event.key];
  if (by === undefined || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
  const choices = [...event.currentTarget.querySelectorAll('button')];
  const at = choices.findIndex(choice => choice.matches(':focus'));
  event.preventDefault();
  choices[(at + by + choices.length) % choices.length]?.focus();
}

export function Question({ question, place, onChoose, onShow, more, children, ref }: QuestionProps): ReactNode {
  const asks = useId();
  return (
    <section className="caption asks asked" aria-label="What will happen?" tabIndex={-1} ref={ref}>
      <div className="caption-head">
        <span className="tag asks">PREDICT</span>
        <span className="caption-step">{place}</span>
        <button type="button" className="caption-quiet question-show" title="Show what happens  Space" onClick={onShow}>
          Show me
        </button>
        {more}
      </div>
      <h2 id={asks}>{words(question.words)}</h2>
      <ol className="question-choices" aria-labelledby={asks} onKeyDown={move} data-count={question.choices.length}>
        {question.choices.map((choice, index) => (
          <li key={choice.words}>
            <button type="button" onClick={() => onChoose(index)}>
              <i aria-hidden="true">{index + 1}</i>
              <span>{words(choice.words)}</span>
            </button>
          </li>
        ))}
      </ol>
      {children}
    </section>
  );
}
