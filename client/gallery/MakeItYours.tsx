/** A story's own source, to be changed and run: what was told once can be told another way. */
import { type ReactNode, useEffect, useRef, useState } from 'react';
import { parseScript } from '../../shared/script/parse.ts';
import type { Problem, ToldScript } from '../../shared/story/script.ts';
import { Button } from '../design/Button.tsx';
import { Dialog } from '../design/Dialog.tsx';
import { CopyIcon, SaveIcon, WorldIcon } from '../design/icons.tsx';
import { savedSource, saveSource } from '../player/place.ts';
import { beginOwnStory } from '../session/session.ts';
import { useKeeper } from '../session/useKeeper.ts';
import { usePlayer } from '../session/usePlayer.ts';
import { openDialog } from '../session/view.ts';
import { serverAnswers } from '../source/api.ts';
import { HowToWrite } from './HowToWrite.tsx';
import { type EditorHandle, SourceEditor } from './SourceEditor.tsx';
import './make-it-yours.css';

export function MakeItYours(): ReactNode {
  const script = usePlayer(state => (state.dialog?.kind === 'yours' ? state.dialog.script : null));
  const title = script?.script.title.replaceAll('**', '') ?? '';
  return (
    <Dialog open={script !== null} onClose={() => openDialog(null)} title={`Make it yours: ${title}`} wide>
      {script === null ? null : <Workshop script={script} />}
    </Dialog>
  );
}

/** What there is to say of the text as it stands. */
interface Findings {
  readonly message: string;
  readonly problems: readonly Problem[];
}

/** What was changed before: of this very text, and not of another one of the same name. */
function changed({ name, source }: ToldScript): string {
  const kept = savedSource(name);
  return kept?.base === source ? kept.text : source;
}

function Workshop({ script }: { readonly script: ToldScript }): ReactNode {
  const { name, source } = script;
  const [text, setText] = useState(() => changed(script));
  const [findings, setFindings] = useState<Findings | null>(null);
  const [running, setRunning] = useState(false);
  const [server, setServer] = useState<boolean | null>(null);
  const editor = useRef<EditorHandle>(null);
  useEffect(() => {
    let here = true;
    void serverAnswers().then(answers => {
      if (here) setServer(answers);
    });
    return () => {
      here = false;
    };
  }, []);
  const edit = (next: string): void => {
    setText(next);
    setFindings(null);
    saveSource(name, next === source ? null : { base: source, text: next });
  };
  const check = (): void => {
    const read = parseScript(text);
    if (read.ok)
      setFindings({ message: 'Its words can be told. Its head is only checked where it is run.', problems: [] });
    else setFindings({ message: '', problems: read.problems });
  };
  const run = async (): Promise<void> => {
    setRunning(true);
    const begun = await beginOwnStory(text);
    setRunning(false);
    if (begun.ok) openDialog(null);
    else setFindings(begun);
  };
  return (
    <div className="workshop">
      <p className="workshop-note">
        This is all of the story: the deeds in its head are done by real servers, and each part is told when its moment
        comes. Change what you like and run it.
      </p>
      <SourceEditor ref={editor} text={text} problems={findings?.problems ?? []} onChange={edit} />
      {findings === null ? null : <Found {...findings} onGo={line => editor.current?.goToLine(line)} />}
      {server === false ? <NoServer name={name} /> : null}
      <Tools name={name} text={text} onUndo={text === source ? null : () => edit(source)}>
        {server === false ? (
          <Button look="primary" onClick={check}>
            Check its words
          </Button>
        ) : (
          <Button look="primary" disabled={running || server === null} onClick={() => void run()}>
            {running ? 'It is being read…' : 'Run it'}
          </Button>
        )}
      </Tools>
      <HowToWrite />
    </div>
  );
}

function Found({ message, problems, onGo }: Findings & { readonly onGo: (line: number) => void }): ReactNode {
  if (problems.length === 0) {
    return (
      <p className="workshop-found" role="status">
        {message}
      </p>
    );
  }
  return (
    <div className="workshop-found bad" role="alert">
      <p>{problems.length === 1 ? 'One thing cannot be told yet:' : `${problems.length} things cannot be told yet:`}</p>
      <ul>
        {problems.map(({ line, message: what }) => (
          <li key={`${line} ${what}`}>
            <button type="button" onClick={() => onGo(line)}>
              Line {line}
            </button>
            <span>{what}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}

const NoServer = ({ name }: { readonly name: string }): ReactNode => (
  <p className="workshop-found">
    No mailscope server stands behind this page, so it can only be checked here. Save it, and run it on your machine
    with <code>mailscope send --story {name}.md</code>.
  </p>
);

interface ToolsProps {
  readonly name: string;
  readonly text: string;
  /** Null where nothing was changed. */
  readonly onUndo: (() => void) | null;
  readonly children: ReactNode;
}

function Tools({ name, text, onUndo, children }: ToolsProps): ReactNode {
  const [said, setSaid] = useState('');
  const editable = useKeeper(state => state.facts !== null);
  const copy = (): void => {
    // Some browsers deny the clipboard on plain http; the text can still be selected by hand.
    navigator.clipboard.writeText(text).then(
      () => setSaid('Copied'),
      () => setSaid('Select it and copy by hand'),
    );
  };
  return (
    <div className="workshop-tools">
      {children}
      <Button icon={<SaveIcon />} onClick={() => download(`${name}.md`, text)}>
        Save as {name}.md
      </Button>
      <Button icon={<CopyIcon />} onClick={copy}>
        Copy
      </Button>
      <Button icon={<WorldIcon />} disabled={!editable} onClick={() => openDialog({ kind: 'world' })}>
        Open the world
      </Button>
      <span className="workshop-said" role="status">
        {said}
      </span>
      {onUndo === null ? null : (
        <Button look="quiet" onClick={onUndo}>
          Undo all my changes
        </Button>
      )}
    </div>
  );
}

function download(name: string, text: string): void {
  const address = URL.createObjectURL(new Blob([text], { type: 'text/markdown' }));
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  URL.revokeObjectURL(address);
}
