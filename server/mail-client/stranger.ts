export interface Stranger {
  call(x: unknown): Promise<unknown>;
}
export const createStranger = (_: unknown): Stranger => ({ call: async () => null });
export const parseStrangerCall = (
  _a: unknown,
  _b: unknown,
): { ok: false; code: string; message: string } | { ok: true; call: unknown } => ({
  ok: false,
  code: 'x',
  message: 'not yet',
});
