/** The requests about a show: beginning it, giving it a recording, ending it. */
import * as z from 'zod/mini';
import { type Answer, request } from './api.ts';

const begun = z.object({ id: z.string(), secret: z.string(), audience: z.array(z.string()) });
/** `secret`: whoever has it is the speaker. `audience`: links under which one follows, the best first. */
export type BegunShow = Readonly<z.infer<typeof begun>>;

export const beginShow = (): Promise<Answer<BegunShow>> =>
  request('/api/shows', { method: 'POST' }, value => {
    const read = begun.safeParse(value);
    return read.success ? read.data : null;
  });

const bearer = (secret: string): Record<string, string> => ({ authorization: `Bearer ${secret}` });
const given = z.object({ name: z.string() });

/** Gives a show a recording that the server has not, as NDJSON; answers the name under which whoever follows gets it. */
export const giveRecording = ({ id, secret }: BegunShow, ndjson: string): Promise<Answer<string>> =>
  request(
    `/api/shows/${encodeURIComponent(id)}/trace`,
    { method: 'PUT', headers: { ...bearer(secret), 'content-type': 'application/x-ndjson' }, body: ndjson },
    value => {
      const read = given.safeParse(value);
      return read.success ? read.data.name : null;
    },
  );

export const endShow = ({ id, secret }: BegunShow): Promise<Answer<true>> =>
  request(`/api/shows/${encodeURIComponent(id)}`, { method: 'DELETE', headers: bearer(secret) }, () => true as const);
