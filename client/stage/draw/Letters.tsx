/** The letter the story is about, lying where it is; the others are counted on the cards. Before the first, the outline of one. */
import { memo } from 'react';
import type { LetterNote } from '../../../shared/story/note.ts';
import type { Letter as LetterState, Scene, Story } from '../../../shared/story/story.ts';
import { visible } from '../../../shared/visible.ts';
import type { HostId, PublicWorld } from '../../../shared/world/world.ts';
import { Hit } from '../hosts/Hit.tsx';
import { decoration } from '../hosts/pressed.ts';
import { lyingIn } from '../moment/asides.ts';
import { shortly } from '../moment/shortly.ts';
import type { Point } from '../plan/geometry.ts';
import type { Inspect } from '../plan/inspect.ts';
import { envelopePlace, opensAt } from '../plan/letter-place.ts';
import type { Layout } from '../plan/plan.ts';
import { castOf } from '../plan/roles.ts';
import { Times } from './Asides.tsx';
import { Letter, type LetterProps } from './Letter.tsx';

interface LettersProps {
  readonly layout: Layout;
  readonly story: Story;
  readonly scene: Scene;
  readonly noteText: (note: LetterNote) => string;
  readonly onInspect: (target: Inspect) => void;
}

/** The centre of an envelope that lies at `host`. */
export function restingPoint(layout: Layout, host: HostId): Point | null {
  const place = envelopePlace(layout, host);
  return place === null ? null : { x: place.x + layout.envelope.w / 2, y: place.y + layout.envelope.h / 2 };
}

const spoken = (letter: LetterState, note: string): string =>
  visible(
    `${letter.report !== null ? 'A report' : letter.copyOf !== null ? 'A copy of the letter' : 'The letter'} from ${letter.reversePath === '' ? 'the null sender' : letter.reversePath} to ${letter.recipients.join(', ')}, ${note}`,
  );

export const Letters = memo(function Letters({ layout, story, scene, noteText, onInspect }: LettersProps) {
  const { letters, queue, jumped } = scene.state;
  const coming = aboutToBeWritten(story, scene);
  if (coming !== null) return <Outline layout={layout} story={story} letter={coming} />;
  const lying = lyingIn(scene);
  if (lying === null)
    return letters.length === 0 && scene.beat === null ? (
      <Unwritten layout={layout} story={story} world={scene.state.world} />
    ) : null;
  const { letter, under } = lying;
  const point = restingPoint(layout, letter.at);
  if (point === null) return null;
  const { w, h } = layout.envelope;
  const entry = queue.find(each => each.letter === letter.id && each.host === letter.at && each.nextAt !== null);
  const wait = entry?.nextAt == null ? null : shortly(entry.nextAt - scene.wireAt - jumped);
  const note = noteText(letter.note);
  const free = opensAt(layout, { x: point.x - w / 2, y: point.y - h / 2, w, h });
  return (
    <g className="letters" transform={`translate(${point.x} ${point.y})`}>
      {under === 0 ? null : (
        <g {...decoration} className="heap">
          {under === 1 ? null : (
            <rect className="letter-paper under" x={7 - w / 2} y={-7 - h / 2} width={w} height={h} rx="8" />
          )}
          <rect className="letter-paper under" x={3.5 - w / 2} y={-3.5 - h / 2} width={w} height={h} rx="8" />
        </g>
      )}
      <Letter
        letter={letter}
        nextTry={wait}
        shape={layout.letters}
        size={layout.envelope}
        createdAt={story.header.createdAt}
        note={note}
        sheet={free && under === 0}
      />
      {under === 0 ? null : <Times count={under + 1} x={w / 2 - 10} y={h / 2 - 6} />}
      <Hit
        box={{ x: -w / 2, y: -h / 2, w, h }}
        label={spoken(letter, note)}
        onPress={() => onInspect({ kind: 'letter', letter: letter.id })}
      />
    </g>
  );
});

/** While it is told that somebody presses Send: the letter that this beat brings. */
function aboutToBeWritten(story: Story, { beat, state }: Scene): LetterState | null {
  if (beat === null) return null;
  const { focus, letters } = story.steps[beat.lastStep]?.after ?? story.start;
  const letter = letters.find(({ id }) => id === focus);
  return letter?.place === 'written' && !state.letters.some(({ id }) => id === letter.id) ? letter : null;
}

/** What will be written: the first frame tells the story before anything has moved. */
function Unwritten({ layout, story, world }: Pick<LettersProps, 'layout' | 'story'> & { readonly world: PublicWorld }) {
  const client = castOf(world)[0]?.client;
  const sender = world.users.find(user => user.client === client);
  const other = world.users.find(user => user !== sender);
  if (client == null || sender === undefined || other === undefined) return null;
  const letter = {
    at: client,
    reversePath: sender.address,
    recipients: [other.address],
    subject: '',
    place: 'written',
    postmarks: [],
    report: null,
    copyOf: null,
  } as const;
  return <Outline layout={layout} story={story} letter={letter} />;
}

interface OutlineProps extends Pick<LettersProps, 'layout' | 'story'> {
  readonly letter: LetterProps['letter'] & Pick<LetterState, 'at'>;
}

function Outline({ layout, story, letter }: OutlineProps) {
  const point = restingPoint(layout, letter.at);
  if (point === null) return null;
  return (
    <g className="letters unwritten" transform={`translate(${point.x} ${point.y})`}>
      <Letter
        letter={letter}
        nextTry={null}
        shape={layout.letters}
        size={layout.envelope}
        createdAt={story.header.createdAt}
        note="not sent yet"
        sheet={false}
      />
    </g>
  );
}
