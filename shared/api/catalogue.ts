/** The list of stories that stands beside the page as a file: written by the build, read by the page and by the server. */
import * as z from 'zod/mini';

/** Its path in the built site. */
export const CATALOGUE = 'stories/index.json';

/** Words may hold **bold**. `duration`, and the moment of its `still`, in milliseconds of the recording's story time. */
export const catalogueEntry = z.object({
  name: z.string().check(z.regex(/^[a-z0-9][a-z0-9-]*$/)),
  title: z.string(),
  intro: z.string(),
  group: z.string(),
  /** The story that its author would tell next. */
  next: z.nullable(z.string()),
  /** How many steps it has. */
  beats: z.int(),
  questions: z.int(),
  duration: z.number(),
  still: z.number(),
});
export type CatalogueEntry = Readonly<z.infer<typeof catalogueEntry>>;

/** Groups and stories in the order in which they are listed. */
export const catalogueShape = z.object({ groups: z.array(z.string()), stories: z.array(catalogueEntry) });
