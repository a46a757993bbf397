/** The speaker's own window: what to say, what is seen and what comes next, how long it has been going on, and the same keys as the stage's. */
import { type CSSProperties, type ReactNode, useCallback, useEffect, useState } from 'react';
import { runAt } from '../../../shared/story/scene.ts';
import type { Question } from '../../../shared/story/script.ts';
import type { Beat, Story } from '../../../shared/story/story.ts';
import { words } from '../../caption/Caption.tsx';
import { Button } from '../../design/Button.tsx';
import { Tag } from '../../design/Tag.tsx';
import { savedNoteSize, saveNoteSize } from '../../player/place.ts';
import { partOf, questionOf, scriptOf, stepsOf } from '../../player/questions.ts';
import { StillPaints } from '../../stage/still/Still.tsx';
import { asksAt } from '../audience/follow.ts';
import { Picture } from './Picture.tsx';
import { SpeakerButtons } from './SpeakerButtons.tsx';
import { SpeakerHead } from './SpeakerHead.tsx';
import { listenForSpeakerKeys } from './speaker-keys.ts';
import { useSpeaker } from './useSpeaker.ts';
import './speaker.css';
import './speaker-small.css';

const SMALLEST = 0.7;
const LARGEST = 2;
const BY = 0.15;

function useNoteSize(): readonly [number, (by: 1 | -1) => void] {
  const [size, setSize] = useState(savedNoteSize);
  useEffect(() => saveNoteSize(size), [size]);
  // Always the same: whoever listens for keys would forget the digits typed so far with each picture.
  const change = useCallback(
    (by: 1 | -1): void => setSize(now => Math.min(LARGEST, Math.max(SMALLEST, now + by * BY))),
    [],
  );
  return [size, change];
}

function Asks({ question }: { readonly question: Question }): ReactNode {
  const right = question.choices.find(choice => choice.right);
  return (
    <div className="speaker-asks">
      <p>
        <span className="tag asks">THE STAGE ASKS</span> {words(question.words)}
      </p>
      {right !== undefined && <p className="speaker-right">It is: {words(right.words)}</p>}
    </div>
  );
}

/** What is to be said of a beat: its author's notes; where there are none, the words that stand on the stage. */
function Notes({ story, beat }: { readonly story: Story; readonly beat: Beat }): ReactNode {
  const part = partOf(story, beat);
  const asked = useSpeaker(({ last }) => last !== null && asksAt(story, last));
  const next = story.beats[beat.index + 1];
  const question = asked && next !== undefined ? questionOf(story, next) : null;
  const notes = part?.notes ?? '';
  const { caption } = beat;
  const said = notes === '' ? caption.body : notes;
  return (
    <>
      <div className="speaker-title">
        <Tag protocol={caption.protocol} words={beat.name === 'clock.jumped' ? 'TIME' : null} />
        <h1>{words(caption.title)}</h1>
      </div>
      {question !== null && <Asks question={question} />}
      <div className={notes === '' ? 'speaker-said the-captions' : 'speaker-said'}>
        {said.split(/\n{2,}/).map(paragraph => (
          <p key={paragraph}>{words(paragraph)}</p>
        ))}
      </div>
      {notes === '' ? (
        <p className="speaker-source">No notes for this step: these are the words on the stage.</p>
      ) : (
        <p className="speaker-source">On the stage: {words(caption.body)}</p>
      )}
    </>
  );
}

function Nothing(): ReactNode {
  const standing = useSpeaker(state => state.standing);
  const failed = useSpeaker(state => state.failed);
  const opening = useSpeaker(state => state.last !== null && state.story === null);
  const [title, body] =
    failed !== null
      ? ['What the stage shows cannot be opened here.', failed]
      : standing === 'ended'
        ? ['This show has ended.', 'Begin a new one on the stage, and open its link here.']
        : standing === 'refused'
          ? ['This is not the speaker’s link.', 'Its last part is the secret; copy the whole link from the stage.']
          : opening
            ? ['One moment…', 'What the stage shows is being opened.']
            : [
                'Waiting for the stage…',
                'Press p in the window that your audience sees: your notes come with its first step.',
              ];
  return (
    <div className="speaker-nothing">
      <h1>{title}</h1>
      <p>{body}</p>
    </div>
  );
}

export function SpeakerWindow(): ReactNode {
  const story = useSpeaker(state => state.story);
  const last = useSpeaker(state => state.last);
  const blank = useSpeaker(state => state.cue?.blank ?? false);
  const [size, resize] = useNoteSize();
  useEffect(() => listenForSpeakerKeys(resize), [resize]);
  const index = last?.beat ?? -1;
  const beat = story?.beats[index] ?? null;
  const next = story?.beats[index + 1] ?? null;
  const asksNext = story !== null && next !== null && questionOf(story, next) !== null;
  const run = story === null || beat === null ? null : runAt(story, beat.start);
  const steps = story === null || run === null ? 0 : stepsOf(scriptOf(story, run), run);
  const number = run === null ? 0 : index - run.firstBeat + 1;
  const style: CSSProperties & Record<'--size', number> = { '--size': size };
  return (
    <div className="speaker" style={style}>
      <StillPaints />
      <SpeakerHead number={number} steps={steps} />
      <main className="speaker-notes">
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard */}
        <section className="speaker-scroll" key={index} tabIndex={0} aria-label="Notes">
          {story === null || beat === null ? (
            story !== null && next !== null ? (
              <div className="speaker-nothing">
                <h1>Before the first step.</h1>
                <p>Press Next, here or on the stage, and it begins.</p>
              </div>
            ) : (
              <Nothing />
            )
          ) : (
            <Notes story={story} beat={beat} />
          )}
        </section>
        {/* biome-ignore lint/a11y/useSemanticElements: a group of buttons is no fieldset */}
        <div className="speaker-size" role="group" aria-label="Size of the notes">
          <Button title="Smaller  −" disabled={size <= SMALLEST} onClick={() => resize(-1)}>
            A−<span className="sr-only"> Smaller notes</span>
          </Button>
          <Button title="Larger  +" disabled={size >= LARGEST} onClick={() => resize(1)}>
            A+<span className="sr-only"> Larger notes</span>
          </Button>
        </div>
      </main>
      <aside className="speaker-ahead" aria-label="On the stage, and next">
        <Picture label="On the stage" story={story} beat={beat} none="Nothing yet" blank={blank} />
        <Picture
          label={asksNext ? 'Next, after a question' : 'Next'}
          story={story}
          beat={next}
          none={last?.shown.kind === 'room' ? 'Not known yet: it has not happened' : 'The end'}
        />
      </aside>
      <SpeakerButtons />
    </div>
  );
}
