/** What a page sees of the figure: the element, and the events that it dispatches. */
export interface HTMLMailFlowElement extends HTMLElement {
  src: string;
}

declare global {
  interface HTMLElementTagNameMap {
    'mail-flow': HTMLMailFlowElement;
  }
}
