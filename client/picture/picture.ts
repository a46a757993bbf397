/** One moment of a story as a picture that stands alone: an SVG without script, style sheet or anything from elsewhere. */
import type { Story, StoryTime } from '../../shared/story/story.ts';
import { plain } from '../../shared/story/words.ts';
import type { Format } from './format.ts';
import type { Shared } from './freeze.ts';
import { attributes, short, xml } from './paint.ts';
import { type Hands, type Mover, type Plate, plateAt } from './plate.ts';
import { openSet } from './set.tsx';

export interface PictureOptions extends Format {
  /** Where a press on the picture leads: http, https, or relative. */
  readonly link?: string | null;
}

/** The picture at story time `t`, its type by the names of the page's faces. Sets the page's own stage beside the page for it. */
export function pictureOf(story: Story, t: StoryTime, options: PictureOptions): string {
  const set = openSet(options);
  try {
    const plate = plateAt(set, story, t, true);
    return standalone(plate, [plate.mover === null ? '' : flown(plate.mover, t), turned(plate.hands, t)], {
      link: options.link ?? null,
      shared: new Map([...plate.shared, ...(plate.mover?.shared ?? [])]),
    });
  } finally {
    set.strike();
  }
}

/** What lies still on a plate, `style` with the faces that it is set in. */
export const stillOf = (plate: Plate, style: string): string =>
  standalone(plate, [], { link: null, shared: plate.shared, style });

interface Around {
  readonly link: string | null;
  readonly shared: Shared;
  readonly style?: string;
}

function standalone(plate: Plate, above: readonly string[], { link, shared, style = '' }: Around): string {
  const { size, ratio, stage, paper, ground, band, scene } = plate;
  const title = plain(scene.caption?.title ?? '');
  const body = plain(scene.caption?.body ?? '');
  const head = {
    xmlns: 'http://www.w3.org/2000/svg',
    width: Math.round(size.w * ratio),
    height: Math.round(size.h * ratio),
    viewBox: `0 0 ${size.w} ${size.h}`,
    role: 'img',
  };
  const onStage = `<g transform="translate(${stage.x} ${stage.y}) scale(${stage.unit})">${ground}${above.join('')}</g>`;
  const drawn = `<rect${attributes({ width: size.w, height: size.h, fill: paper })}/>${short(onStage)}${band}`;
  const href = link !== null && /^(?:https?:\/\/|[^a-z]|[a-z][^:]*$)/i.test(link) ? link : null;
  return [
    `<svg${attributes(head)}>`,
    title === '' ? '' : `<title>${xml(title)}</title>`,
    body === '' ? '' : `<desc>${xml(body)}</desc>`,
    style,
    `<defs>${[...shared.values()].join('')}</defs>`,
    href === null ? drawn : `<a${attributes({ href, target: '_top' })}>${drawn}</a>`,
    '</svg>\n',
  ].join('');
}

function flown({ body, poseAt }: Mover, t: number): string {
  const { x, y, scale, opacity } = poseAt(t);
  if (opacity <= 0) return '';
  const at = attributes({
    transform: `translate(${x} ${y}) scale(${scale})`,
    opacity: opacity < 1 ? opacity : null,
  });
  return `<g${at}>${body}</g>`;
}

function turned(hands: Hands | null, t: number): string {
  if (hands === null) return '';
  const angles = hands.turnedAt(t);
  const drawn = (['hour', 'minute'] as const).map(which => {
    const { d, colour, width } = hands[which];
    const looks = { fill: 'none', stroke: colour, 'stroke-width': width, 'stroke-linecap': 'round' };
    return `<path${attributes({ d, transform: `rotate(${angles[which]})`, ...looks })}/>`;
  });
  const { r, colour } = hands.pin;
  return `<g transform="translate(${hands.at.x} ${hands.at.y})">${drawn.join('')}<circle${attributes({ r, fill: colour })}/></g>`;
}

/** A mover alone, as large as its reach, `pixels` to a unit. */
export function moverOf({ body, shared, reach }: Mover, pixels: number, style: string): string {
  const head = {
    xmlns: 'http://www.w3.org/2000/svg',
    width: reach.w * pixels,
    height: reach.h * pixels,
    viewBox: `${reach.x} ${reach.y} ${reach.w} ${reach.h}`,
  };
  return `<svg${attributes(head)}>${style}<defs>${[...shared.values()].join('')}</defs>${body}</svg>`;
}
