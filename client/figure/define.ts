/** Gives the page its `<mail-flow>`, once; a page without elements, as on a server, is left alone. */
import { mailFlowElement } from './element.ts';
import type { FetchTeller } from './load-source.ts';

const NAME = 'mail-flow';

/** Where the script is loaded twice, or the name is somebody else's, the first stays. */
export function defineMailFlow(fetchTeller: FetchTeller): void {
  if (typeof customElements === 'undefined' || customElements.get(NAME) !== undefined) return;
  customElements.define(NAME, mailFlowElement(fetchTeller));
}
