/** The requests about a show: beginning it, giving it a recording, ending it. */
import { pathTo, SITE_CALLS } from '../../shared/api/routes.ts';
import { type BegunShow, begunShow, type GivenRecording, givenRecording } from '../../shared/api/site.ts';
import { type Answer, anyBody, request, shaped } from './api.ts';

export const beginShow = (): Promise<Answer<BegunShow>> =>
  request(SITE_CALLS.beginShow, SITE_CALLS.beginShow.path, shaped(begunShow));

const bearer = (secret: string): Record<string, string> => ({ authorization: `Bearer ${secret}` });

/** Gives a show a recording that the server has not, as NDJSON; answers the name under which whoever follows gets it. */
export const uploadRecording = ({ id, secret }: BegunShow, ndjson: string): Promise<Answer<GivenRecording>> =>
  request(SITE_CALLS.giveRecording, pathTo(SITE_CALLS.giveRecording, { id }), shaped(givenRecording), {
    headers: { ...bearer(secret), 'content-type': 'application/x-ndjson' },
    body: ndjson,
  });

export const endShow = ({ id, secret }: BegunShow): Promise<Answer<true>> =>
  request(SITE_CALLS.endShow, pathTo(SITE_CALLS.endShow, { id }), anyBody, { headers: bearer(secret) });
