/** Tells a recording: what the figure loads by itself where its file is no told run. */

/** A story as the element draws it; its shape is not part of what is promised. */
export interface Story {
  readonly end: number;
}

/** `text` is a `.trace.ndjson` or a `.told.json`; what is wrong with it is one sentence for a person. Never throws. */
export function tell(
  text: string,
): { readonly ok: true; readonly story: Story } | { readonly ok: false; readonly message: string };
