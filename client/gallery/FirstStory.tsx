/** On an empty stage, for who does not know yet what to write: the story that everybody begins with. */
import { type ReactNode, useState } from 'react';
import { words } from '../caption/Caption.tsx';
import { Button } from '../design/Button.tsx';
import { BookIcon } from '../design/icons.tsx';
import { beginStory } from '../session/session.ts';
import { showGallery } from '../session/view.ts';
import { useCatalogue } from '../stories/catalogue.ts';

export function FirstStory({ className }: { readonly className: string }): ReactNode {
  const catalogue = useCatalogue();
  const [beginning, setBeginning] = useState(false);
  const [first] = catalogue.status === 'read' ? catalogue.stories : [];
  const begin = async (name: string): Promise<void> => {
    setBeginning(true);
    await beginStory(name);
    setBeginning(false);
  };
  return (
    <Button
      className={className}
      icon={<BookIcon />}
      disabled={beginning}
      onClick={() => (first === undefined ? showGallery(true) : void begin(first.name))}
    >
      <span>
        Watch the first story{first === undefined ? '' : ': '}
        {first === undefined ? null : <b>{words(first.title)}</b>}
      </span>
    </Button>
  );
}
