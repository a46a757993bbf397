/** `mail-flow-all.js`: the element, and in the same file what tells raw recordings. */
import { defineMailFlow } from './define.ts';
import { tell } from './teller.ts';

defineMailFlow(() => Promise.resolve({ tell }));
