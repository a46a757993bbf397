/** A figure that fills a frame: shows what its address names, and talks with the page around it. */
import './frame.css';
import { figureInAddress, onMove } from './address.ts';
import { figureHere, move, show } from './figure.ts';
import { listen, speak } from './talk.ts';

const figure = await figureHere();
// Who listens first hears of everything.
speak(figure);
listen(figure);
onMove(address => move(figure, address));
if (!show(figure, figureInAddress())) {
  const sentence = document.createElement('p');
  sentence.textContent =
    'The address of this figure names no run. It wants ?story= and the name of a story, or ?trace= and the address of a recording.';
  figure.replaceChildren(sentence);
}
