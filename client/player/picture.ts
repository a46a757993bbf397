/** Whether a moment is another picture than the one that is shown: only then is anything drawn anew. */
import type { Scene } from '../../shared/story/story.ts';

export const isAnother = (a: Scene | null, b: Scene): boolean =>
  a === null ||
  a.step?.index !== b.step?.index ||
  a.beat !== b.beat ||
  a.state !== b.state ||
  a.lineCount !== b.lineCount ||
  a.currentLine !== b.currentLine ||
  a.inboxCount !== b.inboxCount ||
  (a.motion === null) !== (b.motion === null) ||
  a.stepCount !== b.stepCount;
