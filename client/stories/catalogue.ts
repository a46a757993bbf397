/** What stories there are: the list that stands beside the page as a file, so that it needs no server; read once. */
import { useEffect } from 'react';
import { useStore } from 'zustand';
import { createStore } from 'zustand/vanilla';
import { CATALOGUE, type CatalogueEntry, catalogueShape } from '../../shared/api/catalogue.ts';

export type Catalogue =
  | { readonly status: 'unread' | 'reading' }
  | { readonly status: 'read'; readonly groups: readonly string[]; readonly stories: readonly CatalogueEntry[] }
  /** `message` is a sentence. */
  | { readonly status: 'failed'; readonly message: string };

const catalogue = createStore<Catalogue>(() => ({ status: 'unread' }));

async function fetched(): Promise<Catalogue> {
  let body: unknown;
  try {
    const response = await fetch(CATALOGUE);
    if (!response.ok) return failed(`This site answered ${response.status} when asked for its list of stories.`);
    body = await response.json();
  } catch {
    return failed('The list of stories could not be fetched: no answer, or not the list.');
  }
  const read = catalogueShape.safeParse(body);
  return read.success
    ? { status: 'read', ...read.data }
    : failed('The list of stories is of a kind that this page does not know. Is the page older than the list?');
}
const failed = (message: string): Catalogue => ({ status: 'failed', message });

/** Reads the list unless it has been read, or is being read; after a failure, again. */
export async function readCatalogue(): Promise<void> {
  const { status } = catalogue.getState();
  if (status === 'reading' || status === 'read') return;
  catalogue.setState({ status: 'reading' }, true);
  catalogue.setState(await fetched(), true);
}

export function useCatalogue(): Catalogue {
  useEffect(() => void readCatalogue(), []);
  return useStore(catalogue);
}

/** What comes after the story `name`: what its author says, else the next one of the gallery; null after the last. */
export function after(stories: readonly CatalogueEntry[], name: string): CatalogueEntry | null {
  const at = stories.findIndex(story => story.name === name);
  if (at === -1) return stories[0] ?? null;
  return stories.find(story => story.name === stories[at]?.next) ?? stories[at + 1] ?? null;
}

const many = (n: number, what: string): string => `${n} ${what}${n === 1 ? '' : 's'}`;

/** "40 s", "1½ min". */
function lasting(milliseconds: number): string {
  if (milliseconds < 50_000) return `${Math.max(5, Math.round(milliseconds / 5000) * 5)} s`;
  const halves = Math.max(2, Math.round(milliseconds / 30_000));
  return `${Math.floor(halves / 2)}${halves % 2 === 1 ? '½' : ''} min`;
}

/** "12 steps · 1½ min · 2 questions" */
export const factsOf = ({ beats, duration, questions }: CatalogueEntry): string =>
  [many(beats, 'step'), lasting(duration), ...(questions === 0 ? [] : [many(questions, 'question')])].join(' · ');
