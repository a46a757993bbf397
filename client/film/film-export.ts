/** One film export at a time: its progress, its outcome, and its cancellation. */
import { useEffect, useRef, useState } from 'react';
import type { Story } from '../../shared/story/story.ts';
import { bytesText } from '../caption/measures.ts';
import { save } from '../share/files.ts';
import type { Order } from './order.ts';

export type ExportProgress =
  | { readonly kind: 'none' }
  | { readonly kind: 'under way'; readonly done: number; readonly of: number; readonly what: 'frame' | 'picture' }
  /** A sentence. */
  | { readonly kind: 'saved' | 'failed'; readonly words: string };

interface FilmExporter {
  readonly making: ExportProgress;
  readonly begin: (story: Story, order: Order) => void;
  readonly cancel: () => void;
}

async function runExport(
  story: Story,
  order: Order,
  signal: AbortSignal,
  report: (progress: ExportProgress) => void,
): Promise<ExportProgress> {
  report({ kind: 'under way', done: 0, of: 0, what: 'frame' });
  try {
    // Loaded when the first film is asked for.
    const { renderOrder } = await import('./render-order.ts');
    const onProgress = (done: number, of: number, what: 'frame' | 'picture'): void =>
      report({ kind: 'under way', done, of, what });
    const { blob, name } = await renderOrder(story, order, { signal, onProgress });
    save({ name, type: blob.type, content: new Uint8Array(await blob.arrayBuffer()) });
    return { kind: 'saved', words: `Saved ${name}, ${bytesText(blob.size)}` };
  } catch (error) {
    if (signal.aborted) return { kind: 'none' };
    const words = error instanceof Error ? error.message : String(error);
    return { kind: 'failed', words: `It could not be made. ${words}` };
  }
}

/** A running export is cancelled when the component is unmounted. */
export function useFilmExport(): FilmExporter {
  const [making, setMaking] = useState<ExportProgress>({ kind: 'none' });
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
      const report = (next: ExportProgress): void => {
        if (control.current === own) setMaking(next);
      };
      void runExport(story, order, own.signal, report).then(report);
    },
  };
}
