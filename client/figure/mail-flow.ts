/** `mail-flow.js`: the element. What tells raw recordings lies in a file beside it. */
import { defineMailFlow } from './define.ts';

defineMailFlow(() => import('./teller.ts'));
