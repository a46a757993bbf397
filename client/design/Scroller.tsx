/** A box that scrolls: it has a name and takes the focus, so that it can be scrolled by keyboard. */
import type { ReactNode, Ref } from 'react';

interface Props {
  readonly label: string;
  readonly className: string;
  readonly children: ReactNode;
  readonly ref?: Ref<HTMLElement>;
}

export function Scroller({ label, className, children, ref }: Props): ReactNode {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard
    <section className={className} aria-label={label} tabIndex={0} ref={ref}>
      {children}
    </section>
  );
}
