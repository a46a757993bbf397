/** Text to be copied, with the button that does it. */
import { type ReactNode, useId } from 'react';
import { Button } from '../design/Button.tsx';
import { CopyIcon } from '../design/icons.tsx';
import { useCopy } from '../design/useCopy.ts';

interface Props {
  readonly label: string;
  readonly text: string;
  /** What one has to know before it is used. */
  readonly children?: ReactNode;
}

export function Snippet({ label, text, children }: Props): ReactNode {
  const { said, copy } = useCopy(text);
  const id = useId();
  return (
    <section className="share-snippet" aria-labelledby={id}>
      <div className="share-snippet-head">
        <h3 id={id}>{label}</h3>
        <span role="status">{said}</span>
        <Button icon={<CopyIcon />} aria-label={`Copy: ${label}`} onClick={copy}>
          Copy
        </Button>
      </div>
      {children}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard */}
      <pre tabIndex={0}>
        <code>{text}</code>
      </pre>
    </section>
  );
}
