/** Performs the stories of a library, and whatever a visitor writes, for the API. */
import { performStory, roomFor } from '../stories/perform.ts';
import { readStory } from '../stories/story-file.ts';
import type { ReadStory, StoryTeller } from './stories-api.ts';

/** A visitor's own has no name of its own. */
const OWN = 'your-own';

function performable(source: string, name: string): ReadStory {
  const read = readStory(source, name);
  if (!read.ok) return read;
  const { story } = read;
  return {
    ok: true,
    story: { name, room: roomFor(story), perform: (room, signal) => performStory(room, story, { signal }) },
  };
}

/** `sourceOf`: a story's Markdown by its name, or null. */
export const createStoryTeller = (sourceOf: (name: string) => Promise<string | null>): StoryTeller => ({
  async read(name) {
    const source = await sourceOf(name);
    return source === null ? null : performable(source, name);
  },
  parse: source => performable(source, OWN),
});
