/** A recording that was dropped on this tab, kept in the browser for a reload: it has no address from which it could come again. */
import { forgetDroppedMark, saveDroppedMark, savedDroppedMark } from './place.ts';

const STORE = 'dropped';
/** Of so many tabs; the oldest are forgotten. */
const MOST_KEPT = 8;

function finished<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error('the browser keeps nothing here'));
  });
}

async function withStore<T>(mode: IDBTransactionMode, act: (store: IDBObjectStore) => Promise<T>): Promise<T> {
  const opening = indexedDB.open('mailscope', 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore(STORE);
  const database = await finished(opening);
  try {
    return await act(database.transaction(STORE, mode).objectStore(STORE));
  } finally {
    database.close();
  }
}

/** Keys begin with the time they were made, so that the oldest come first. */
const newKey = (): string => `${String(Date.now()).padStart(15, '0')}-${crypto.randomUUID()}`;

/** Keeps it for this tab at this address. Answers false where the browser keeps nothing: storage is closed to us, or full. */
export async function keepDropped(file: File, address: string): Promise<boolean> {
  const key = newKey();
  try {
    await withStore('readwrite', async store => {
      await finished(store.put(file, key));
      const keys = await finished(store.getAllKeys());
      for (const old of keys.slice(0, -MOST_KEPT)) await finished(store.delete(old));
    });
  } catch {
    return false; // the caller asks before the page is left
  }
  return saveDroppedMark({ key, name: file.name, address });
}

/** What was dropped here before the page was loaded anew; `file` is null where the browser has lost it. */
export async function droppedBefore(
  address: string,
): Promise<{ readonly name: string; readonly file: File | null } | null> {
  const mark = savedDroppedMark();
  const [entry] = performance.getEntriesByType('navigation');
  const again = entry instanceof PerformanceNavigationTiming && entry.type !== 'navigate';
  if (mark === null || mark.address !== address || !again) return null;
  try {
    const found: unknown = await withStore('readonly', store => finished(store.get(mark.key)));
    return { name: mark.name, file: found instanceof File ? found : null };
  } catch {
    return { name: mark.name, file: null };
  }
}

/** Something else is shown: nothing is kept any longer. */
export function forgetDropped(): void {
  const mark = savedDroppedMark();
  if (mark === null) return;
  forgetDroppedMark();
  withStore('readwrite', store => finished(store.delete(mark.key))).catch(() => undefined); // the oldest go anyway
}
