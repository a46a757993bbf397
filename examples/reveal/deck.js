/** Starts the deck. */
import Reveal from 'reveal.js';
import { mailFlowFragments } from './mail-flow-fragments.js';

const deck = new Reveal({ hash: true, plugins: [mailFlowFragments()] });
await deck.initialize();
