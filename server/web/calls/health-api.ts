/** The call that says that a mailscope server is here. */
import { SITE_CALLS } from '../../../shared/api/routes.ts';
import type { Healthy } from '../../../shared/api/site.ts';
import { answer } from '../limits/answer.ts';
import { route } from './route.ts';

export const healthRoute = route(SITE_CALLS.health, (_request, response) => {
  answer<Healthy>(response, 200, { ok: true });
});
