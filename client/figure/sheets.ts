/** How a figure looks, as text for its shadow: nothing of the page's style reaches in, and nothing of it out. */
import tokens from '../design/tokens.css?inline';
import envelope from '../stage/draw/envelope.css?inline';
import stage from '../stage/draw/stage.css?inline';
import token from '../stage/draw/token.css?inline';
import marks from '../stage/hosts/marks.css?inline';
import station from '../stage/hosts/station.css?inline';
import figure from './draw/figure.css?inline';
import bar from './draw/figure-bar.css?inline';
import sizes from './draw/figure-sizes.css?inline';
import text from './draw/figure-text.css?inline';

let sheet: CSSStyleSheet | null = null;

/** One for all figures of a page. Made from script, so that a policy without `style-src` allows it. */
export function figureSheet(): CSSStyleSheet {
  if (sheet === null) {
    sheet = new CSSStyleSheet();
    sheet.replaceSync([tokens, stage, station, envelope, token, marks, figure, bar, text, sizes].join('\n'));
  }
  return sheet;
}
