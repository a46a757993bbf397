/** What the page that makes films is told, and what it tells: by messages in its own window, as an embedded figure's are made. */
import type { Kind } from './order.ts';

export interface FilmRequest {
  readonly namespace: 'mailscope';
  readonly v: 1;
  readonly method: 'film';
  readonly args: {
    /** As its file has it. */
    readonly trace: string;
    readonly kind: Kind;
    /** Names of the first and the last beat; null is where the run begins, or ends. */
    readonly from: string | null;
    readonly until: string | null;
    readonly width: number;
    readonly height: number;
    readonly theme: 'light' | 'dark';
    readonly captions: boolean;
    readonly speed: number;
    /** Null is what suits the kind. */
    readonly fps: number | null;
  };
}

/** `event`, and what it says. */
export type FilmReport =
  | { readonly event: 'progress'; readonly done: number; readonly of: number; readonly what: 'frame' | 'picture' }
  | { readonly event: 'made'; readonly blob: Blob }
  /** A sentence. */
  | { readonly event: 'failed'; readonly message: string };

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;

/** Whether that is a request; what is in it is checked where it is used. */
export const isFilmRequest = (data: unknown): data is FilmRequest =>
  isRecord(data) && data.namespace === 'mailscope' && data.v === 1 && data.method === 'film' && isRecord(data.args);
