/** Performs the stories of the library, and whatever a visitor writes, for the API. */
import { storySource } from '../../stories/library.ts';
import { performStory, roomFor } from '../../stories/perform.ts';
import { readStory } from '../../stories/story-file.ts';
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

/** `folder`: where the stories lie; default those that come with mailscope. */
export const createStoryTeller = (folder?: string): StoryTeller => ({
  async read(name) {
    const source = await storySource(name, folder);
    return source === null ? null : performable(source, name);
  },
  parse: source => performable(source, OWN),
});
