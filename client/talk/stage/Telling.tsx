/** The words under the stage, as large as a room needs them: the title, the beat's caption, or its question. */
import { type ReactNode, type RefObject, useRef } from 'react';
import type { Question } from '../../../shared/story/script.ts';
import type { Scene } from '../../../shared/story/story.ts';
import type { Words } from '../../../shared/story/words.ts';
import { words } from '../../caption/Caption.tsx';
import { Tag } from '../../design/Tag.tsx';
import { answer } from '../present/moves.ts';
import { useFitted } from '../present/useFitted.ts';

interface SaidProps {
  readonly className: string;
  readonly head: ReactNode;
  readonly title: Words;
  readonly body: Words;
  readonly children?: ReactNode;
}

function Said({ className, head, title, body, children }: SaidProps): ReactNode {
  const ruler: RefObject<HTMLDivElement | null> = useRef(null);
  const fit = useFitted(ruler, title, body);
  return (
    <section className={`present-said ${className} lines-${fit?.lines ?? 1}`} aria-label="What happens">
      <div className="present-ruler" ref={ruler} aria-hidden="true" />
      <div className="present-head">{head}</div>
      {fit === null ? null : (
        <>
          <h1 className="present-title" style={{ fontSize: fit.size }}>
            {words(fit.title)}
          </h1>
          {fit.body === '' ? null : <p className="present-body">{words(fit.body)}</p>}
        </>
      )}
      {children}
    </section>
  );
}

/** Before the first beat. */
export function Opening({ title, intro }: { readonly title: Words; readonly intro: Words }): ReactNode {
  return <Said className="opening" head={null} title={title} body={intro} />;
}

export function Happening({ scene }: { readonly scene: Scene }): ReactNode {
  const { caption, beat } = scene;
  if (caption === null || beat === null) return null;
  const waits = beat.name === 'queue.deferred';
  const head = (
    <>
      <Tag protocol={caption.protocol} words={beat.name === 'clock.jumped' ? 'TIME' : null} />
      {beat.failed || waits ? (
        <span className={waits ? 'present-outcome waits' : 'present-outcome'}>{waits ? '◷ waits' : '✕ failed'}</span>
      ) : null}
    </>
  );
  return <Said className={`of-${caption.protocol}`} head={head} title={caption.title} body={caption.body} />;
}

export function Asked({ question }: { readonly question: Question }): ReactNode {
  return (
    <Said
      className={`asked choices-${question.choices.length}`}
      head={<span className="tag asks">PREDICT</span>}
      title={question.words}
      body=""
    >
      <ol className="present-choices">
        {question.choices.map((choice, index) => (
          <li key={choice.words}>
            <button
              type="button"
              onClick={event => {
                event.stopPropagation();
                answer(index);
              }}
            >
              <i aria-hidden="true">{String.fromCharCode(65 + index)}</i>
              <span>{words(choice.words)}</span>
            </button>
          </li>
        ))}
      </ol>
    </Said>
  );
}
