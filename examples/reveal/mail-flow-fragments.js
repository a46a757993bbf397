/** A plugin for reveal.js: fragments with data-flow="STEP" play the figure on their slide on to the end of that step, or back to it. */

/** How many fragments of the slide are shown decides where its figure stands: so jumping into a slide, or back, is right too. */
function follow(slide, playing) {
  const figure = slide?.querySelector('mail-flow');
  if (!figure) return;
  const steps = [...slide.querySelectorAll('.fragment[data-flow]')];
  const shown = steps.filter(step => step.classList.contains('visible'));
  const step = shown.at(-1)?.dataset.flow;
  if (step === undefined) figure.seek(1);
  else if (playing) figure.playRange(step, step);
  else figure.seek(step, { settled: true });
}

export const mailFlowFragments = () => ({
  id: 'mail-flow-fragments',
  init(deck) {
    // Overview and notes show slides without being on them.
    deck.on('fragmentshown', () => follow(deck.getCurrentSlide(), true));
    deck.on('fragmenthidden', () => follow(deck.getCurrentSlide(), false));
    deck.on('slidechanged', ({ currentSlide, previousSlide }) => {
      previousSlide?.querySelector('mail-flow')?.pause();
      follow(currentSlide, false);
    });
  },
});
