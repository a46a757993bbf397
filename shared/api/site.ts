/** What is asked and answered about no room: whether there is a server, a story to be performed, a show to be shared. */
import * as z from 'zod/mini';

/** The answer of GET /healthz. */
export const healthy = z.object({ ok: z.literal(true) });
export type Healthy = Readonly<z.infer<typeof healthy>>;

/** Its wire is held from the start: nothing crosses until somebody who watches lets it. */
const held = z.exactOptional(z.boolean());

/** The body of POST /api/stories: the name of a story that mailscope knows, or a story's own Markdown. */
export const storyRequest = z.union([
  z.strictObject({ name: z.string(), held }),
  z.strictObject({ source: z.string(), held }),
]);
export type StoryRequest = Readonly<z.infer<typeof storyRequest>>;

/** A story that is being performed: its name, and the room of its own where that happens. */
export const begunStory = z.object({ room: z.string(), name: z.string() });
export type BegunStory = Readonly<z.infer<typeof begunStory>>;

/** `secret`: whoever has it is the speaker. `audience`: links under which one follows, the best first. */
export const begunShow = z.object({ id: z.string(), secret: z.string(), audience: z.array(z.string()) });
export type BegunShow = Readonly<z.infer<typeof begunShow>>;

/** The name under which whoever follows gets a recording that was given to a show. */
export const givenRecording = z.object({ name: z.string() });
export type GivenRecording = Readonly<z.infer<typeof givenRecording>>;
