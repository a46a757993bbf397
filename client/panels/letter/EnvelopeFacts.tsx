/** The two lines of a letter's envelope, as rows of a list of facts. */
import type { ReactNode } from 'react';
import type { Letter } from '../../../shared/story/story.ts';
import { visible } from '../../../shared/visible.ts';

export function EnvelopeFacts({ letter }: { readonly letter: Letter }): ReactNode {
  return (
    <>
      <dt>MAIL FROM</dt>
      <dd>
        <code>&lt;{visible(letter.reversePath)}&gt;</code>
      </dd>
      <dt>RCPT TO</dt>
      <dd>
        {letter.recipients.map(recipient => (
          <code key={recipient}>&lt;{visible(recipient)}&gt;</code>
        ))}
      </dd>
    </>
  );
}
