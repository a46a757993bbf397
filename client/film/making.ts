/** One making at a time: how far it is, what became of it, and how it is given up. */
import { useEffect, useRef, useState } from 'react';
import type { Story } from '../../shared/story/story.ts';
import { bytesText } from '../caption/measures.ts';
import { save } from '../share/files.ts';
import type { Order } from './order.ts';

export type Making =
  | { readonly kind: 'none' }
  | { readonly kind: 'under way'; readonly done: number; readonly of: number; readonly what: 'frame' | 'picture' }
  /** A sentence. */
  | { readonly kind: 'saved' | 'failed'; readonly words: string };

interface Maker {
  readonly making: Making;
  readonly begin: (story: Story, order: Order) => void;
  readonly cancel: () => void;
}

async function made(story: Story, order: Order, signal: AbortSignal, tell: (making: Making) => void): Promise<Making> {
  tell({ kind: 'under way', done: 0, of: 0, what: 'frame' });
  try {
    // Fetched once somebody wants a film.
    const { make } = await import('./shoot.ts');
    const onProgress = (done: number, of: number, what: 'frame' | 'picture'): void =>
      tell({ kind: 'under way', done, of, what });
    const { blob, name } = await make(story, order, { signal, onProgress });
    save({ name, type: blob.type, content: new Uint8Array(await blob.arrayBuffer()) });
    return { kind: 'saved', words: `Saved ${name}, ${bytesText(blob.size)}` };
  } catch (error) {
    if (signal.aborted) return { kind: 'none' };
    const words = error instanceof Error ? error.message : String(error);
    return { kind: 'failed', words: `It could not be made. ${words}` };
  }
}

/** What is under way is given up when the component goes. */
export function useMaker(): Maker {
  const [making, setMaking] = useState<Making>({ kind: 'none' });
  const control = useRef<AbortController | null>(null);
  const cancel = (): void => {
    control.current?.abort();
    control.current = null;
    setMaking({ kind: 'none' });
  };
  useEffect(() => () => control.current?.abort(), []);
  return {
    making,
    cancel,
    begin(story, order) {
      const own = new AbortController();
      control.current?.abort();
      control.current = own;
      const tell = (next: Making): void => {
        if (control.current === own) setMaking(next);
      };
      void made(story, order, own.signal, tell).then(tell);
    },
  };
}
