/** How a figure looks, as text for its shadow: nothing of the page's style reaches in, and nothing of it out. */
import tokens from '../design/tokens.css?inline';
import envelope from '../stage/envelope.css?inline';
import marks from '../stage/marks.css?inline';
import stage from '../stage/stage.css?inline';
import station from '../stage/station.css?inline';
import token from '../stage/token.css?inline';
import figure from './figure.css?inline';
import bar from './figure-bar.css?inline';
import sizes from './figure-sizes.css?inline';
import text from './figure-text.css?inline';

let sheet: CSSStyleSheet | null = null;

/** One for all figures of a page. Made from script, so that a policy without `style-src` allows it. */
export function figureSheet(): CSSStyleSheet {
  if (sheet === null) {
    sheet = new CSSStyleSheet();
    sheet.replaceSync([tokens, stage, station, envelope, token, marks, figure, bar, text, sizes].join('\n'));
  }
  return sheet;
}
