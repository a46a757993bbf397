/** Puts a text on the clipboard, and says whether it is there. */
import { useState } from 'react';

export interface Copying {
  /** "Copied"; '' until it is, and again once the text is another. */
  readonly said: string;
  readonly copy: () => void;
}

export function useCopy(text: string): Copying {
  const [done, setDone] = useState<{ readonly text: string; readonly said: string } | null>(null);
  const copy = (): void => {
    const say = (said: string) => () => setDone({ text, said });
    // Some browsers deny the clipboard on plain http, where there is none at all; the text can still be selected by hand.
    const { clipboard } = navigator as Partial<Navigator>;
    if (clipboard === undefined) say('Select it and copy by hand')();
    else clipboard.writeText(text).then(say('Copied'), say('Select it and copy by hand'));
  };
  return { said: done?.text === text ? done.said : '', copy };
}
