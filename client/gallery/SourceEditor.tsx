/** A story's Markdown to be edited: a plain text field with the numbers of its lines beside it. */
import { type ReactNode, type Ref, useImperativeHandle, useRef } from 'react';
import type { Problem } from '../../shared/story/script.ts';

export interface EditorHandle {
  /** Puts the caret on a line, from 1, and marks the line. */
  goToLine(line: number): void;
}

interface SourceEditorProps {
  readonly text: string;
  readonly problems: readonly Problem[];
  readonly onChange: (text: string) => void;
  readonly ref: Ref<EditorHandle>;
}

export function SourceEditor({ text, problems, onChange, ref }: SourceEditorProps): ReactNode {
  const field = useRef<HTMLTextAreaElement>(null);
  const numbers = useRef<HTMLDivElement>(null);
  const lines = text.split('\n');
  const bad = new Set(problems.map(({ line }) => line));
  const follow = (): void => {
    if (field.current !== null && numbers.current !== null) numbers.current.scrollTop = field.current.scrollTop;
  };
  useImperativeHandle(ref, () => ({
    goToLine(line: number): void {
      const element = field.current;
      if (element === null) return;
      const all = element.value.split('\n');
      const before = all.slice(0, line - 1).reduce((sum, each) => sum + each.length + 1, 0);
      element.focus();
      element.setSelectionRange(before, before + (all[line - 1]?.length ?? 0));
      element.scrollTop = (element.scrollHeight / all.length) * (line - 1) - element.clientHeight / 3;
      follow();
    },
  }));
  return (
    <div className="source-editor">
      <div className="source-numbers" ref={numbers} aria-hidden="true">
        {lines.map((_, index) => (
          <span key={index} className={bad.has(index + 1) ? 'bad' : undefined}>
            {index + 1}
          </span>
        ))}
      </div>
      <textarea
        ref={field}
        data-first
        aria-label="The story, as Markdown"
        value={text}
        wrap="off"
        spellCheck={false}
        autoCapitalize="off"
        autoComplete="off"
        onScroll={follow}
        onChange={event => onChange(event.target.value)}
      />
    </div>
  );
}
