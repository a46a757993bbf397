/** What is opened when it is first needed is opened once, and tried again where it could not be. */
import { expect, test } from 'vitest';
import { OpenedOnce } from '../../../server/base/opened-once.ts';

/** Openings that end as the test says, in the order in which they began. */
function openings() {
  const begun: { readonly resolve: (what: string) => void; readonly reject: (error: Error) => void }[] = [];
  const thing = new OpenedOnce(() => new Promise<string>((resolve, reject) => begun.push({ resolve, reject })));
  return { thing, begun };
}

test('all who ask share one opening', async () => {
  const { thing, begun } = openings();
  const asked = [thing.get(), thing.get()];
  begun[0]?.resolve('open');
  expect(await Promise.all([...asked, thing.get(), thing.opened()])).toEqual(['open', 'open', 'open', 'open']);
  expect(begun).toHaveLength(1);
});

test('a failed opening is told to all who waited for it, and whoever asks next opens one that is kept', async () => {
  const { thing, begun } = openings();
  const first = thing.get();
  // One of the two asks again as soon as it hears of the failure.
  const again = first.catch(() => thing.get());
  const second = thing.get();
  begun[0]?.reject(new Error('no room'));
  await expect(second).rejects.toThrow('no room');
  begun[1]?.resolve('open');
  expect(await Promise.all([again, thing.get()])).toEqual(['open', 'open']);
  expect(begun).toHaveLength(2);
});

test('nothing is open where nobody asked, or where it failed', async () => {
  const { thing, begun } = openings();
  expect(await thing.opened()).toBeNull();
  const asked = thing.get();
  const seen = thing.opened();
  begun[0]?.reject(new Error('no room'));
  await expect(asked).rejects.toThrow('no room');
  expect(await seen).toBeNull();
  expect(await thing.opened()).toBeNull();
});
