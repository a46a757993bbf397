/** A plugin for reveal.js: fragments with data-flow="STEP" play the figure on their slide on to the end of that step, or back to it. */

/** The settled picture of a step: all of it has happened, and nothing of the next one. */
function standAtEndOf(figure, name) {
  const at = figure.steps.findIndex(step => step.name === name);
  const end = figure.steps[at + 1]?.start ?? figure.duration;
  figure.seek({ ms: end * 1000 - 1 });
}

/** How many fragments of the slide are shown decides where its figure stands: so jumping into a slide, or back, is right too. */
function follow(slide, playing) {
  const figure = slide?.querySelector('mail-flow');
  if (!figure) return;
  const shown = [...slide.querySelectorAll('.fragment.visible[data-flow]')];
  const step = shown.at(-1)?.dataset.flow;
  if (step === undefined) figure.seek(1);
  else if (playing || figure.steps.length === 0) figure.playRange(step, step);
  else standAtEndOf(figure, step);
}

export const mailFlowFragments = () => ({
  id: 'mail-flow-fragments',
  init(deck) {
    deck.on('fragmentshown', () => follow(deck.getCurrentSlide(), true));
    deck.on('fragmenthidden', () => {
      const slide = deck.getCurrentSlide();
      slide.querySelector('mail-flow')?.pause();
      follow(slide, false);
    });
    deck.on('slidechanged', ({ currentSlide, previousSlide }) => {
      previousSlide?.querySelector('mail-flow')?.pause();
      follow(currentSlide, false);
    });
  },
});
