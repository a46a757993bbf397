/** Takes one picture after the other of a story: what stays as it is is drawn once a step, what moves is drawn over it each time. */
import { sceneAt } from '../../shared/story/scene.ts';
import type { Story, StoryTime } from '../../shared/story/story.ts';
import type { Box } from '../stage/plan/geometry.ts';
import { facesFor, facesReady } from './faces.ts';
import type { Format } from './format.ts';
import { moverOf, stillOf } from './picture.ts';
import { type Hand, type Hands, type Mover, type Plate, plateAt, signOf } from './plate.ts';
import { canvasOf, imageOf, penOf } from './raster.ts';
import { openSet } from './set.tsx';

export interface Camera {
  readonly canvas: HTMLCanvasElement;
  /**
   * Draws the moment on the canvas. Answers where it may differ from the one drawn before, in pixels: null is anywhere, and a
   * box without width is nowhere.
   */
  shoot(t: StoryTime): Promise<Box | null>;
  /** Nothing is left in the page. */
  close(): void;
}

const NOWHERE: Box = { x: 0, y: 0, w: 0, h: 0 };

/** `readback`: the pixels are read after each picture. */
export async function openCamera(story: Story, format: Format, readback = false): Promise<Camera> {
  await facesReady();
  const set = openSet(format);
  const canvas = canvasOf(format.width, format.height);
  const pen = penOf(canvas, readback);
  const ground = canvasOf(format.width, format.height);
  const groundPen = penOf(ground);
  let sign: string | null = null;
  let onGround = '';
  let plate: Plate | null = null;
  let mover: HTMLImageElement | null = null;
  let covered = NOWHERE;

  /** Sets the plate for `t` where the last one is not it; answers whether it was changed. */
  const change = async (t: StoryTime): Promise<boolean> => {
    const now = signOf(sceneAt(story, t), story);
    if (plate !== null && sign === now) return false;
    const next = plateAt(set, story, t);
    const drawn = next.ground + next.band;
    if (drawn !== onGround) {
      groundPen.drawImage(await imageOf(stillOf(next, await facesFor(drawn))), 0, 0, format.width, format.height);
      onGround = drawn;
    }
    mover = next.mover === null ? null : await imageOf(await moverImage(next.mover, next.ratio * next.stage.unit));
    [plate, sign] = [next, now];
    return true;
  };

  const shoot = async (t: StoryTime): Promise<Box | null> => {
    const changed = await change(t);
    if (plate === null) return null;
    const { stage, ratio } = plate;
    pen.setTransform(1, 0, 0, 1, 0, 0);
    if (changed) pen.drawImage(ground, 0, 0);
    else if (covered.w > 0) draw(pen, ground, covered);
    pen.setTransform(ratio * stage.unit, 0, 0, ratio * stage.unit, ratio * stage.x, ratio * stage.y);
    const over = plate.mover !== null && mover !== null ? fly(pen, plate.mover, mover, t) : turn(pen, plate.hands, t);
    const before = covered;
    covered = over === null ? NOWHERE : onCanvas(over, plate, canvas);
    return changed ? null : both(before, covered);
  };

  return { canvas, shoot, close: set.strike };
}

async function moverImage(mover: Mover, pixels: number): Promise<string> {
  return moverOf(mover, pixels, await facesFor(mover.body));
}

const draw = (pen: CanvasRenderingContext2D, from: HTMLCanvasElement, { x, y, w, h }: Box): void =>
  pen.drawImage(from, x, y, w, h, x, y, w, h);

/** Answers what it covers, in units of the stage. */
function fly(pen: CanvasRenderingContext2D, mover: Mover, image: HTMLImageElement, t: number): Box | null {
  const { x, y, scale, opacity } = mover.poseAt(t);
  if (opacity <= 0) return null;
  const { reach } = mover;
  const box = { x: x + reach.x * scale, y: y + reach.y * scale, w: reach.w * scale, h: reach.h * scale };
  pen.globalAlpha = opacity;
  pen.drawImage(image, box.x, box.y, box.w, box.h);
  pen.globalAlpha = 1;
  return box;
}

function turn(pen: CanvasRenderingContext2D, hands: Hands | null, t: number): Box | null {
  if (hands === null) return null;
  const { at, reach, hour, minute, pin } = hands;
  const angles = hands.turnedAt(t);
  const hand = ({ d, colour, width }: Hand, angle: number): void => {
    pen.save();
    pen.rotate((angle * Math.PI) / 180);
    pen.strokeStyle = colour;
    pen.lineWidth = width;
    pen.lineCap = 'round';
    pen.stroke(new Path2D(d));
    pen.restore();
  };
  pen.save();
  pen.translate(at.x, at.y);
  hand(hour, angles.hour);
  hand(minute, angles.minute);
  pen.fillStyle = pin.colour;
  pen.beginPath();
  pen.arc(0, 0, pin.r, 0, 2 * Math.PI);
  pen.fill();
  pen.restore();
  return { x: at.x - reach, y: at.y - reach, w: 2 * reach, h: 2 * reach };
}

/** From units of the stage to whole pixels of the canvas. */
function onCanvas({ x, y, w, h }: Box, { stage, ratio }: Plate, { width, height }: HTMLCanvasElement): Box {
  const pixel = (units: number, corner: number): number => ratio * (stage.unit * units + corner);
  const left = Math.max(0, Math.floor(pixel(x, stage.x)) - 1);
  const top = Math.max(0, Math.floor(pixel(y, stage.y)) - 1);
  const right = Math.min(width, Math.ceil(pixel(x + w, stage.x)) + 1);
  const bottom = Math.min(height, Math.ceil(pixel(y + h, stage.y)) + 1);
  return right > left && bottom > top ? { x: left, y: top, w: right - left, h: bottom - top } : NOWHERE;
}

function both(a: Box, b: Box): Box {
  if (a.w === 0) return b;
  if (b.w === 0) return a;
  const [x, y] = [Math.min(a.x, b.x), Math.min(a.y, b.y)];
  return { x, y, w: Math.max(a.x + a.w, b.x + b.w) - x, h: Math.max(a.y + a.h, b.y + b.h) - y };
}
