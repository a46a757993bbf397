/** The style of pages that stand alone: paper and ink as on the page, with the fonts that a reader's machine has. */
import { PROTOCOL_IDS, PROTOCOLS, type Protocol } from '../protocols.ts';
import { COLOURS, groundOf, inkOf } from './palette.ts';

const tokens = Object.entries(COLOURS)
  .map(([name, [light, dark]]) => `--${name}:light-dark(${light},${dark});`)
  .join('');

/** For <body>, <main>, <footer> and whatever else a page of its own has. */
export const PAGE_STYLE = `
:root{color-scheme:light dark;${tokens}--sans:Inter,"Helvetica Neue",Arial,sans-serif;--serif:Fraunces,Georgia,serif;--mono:"JetBrains Mono",Menlo,Consolas,monospace}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.55 var(--sans);-webkit-text-size-adjust:100%}
body::before{content:"";display:block;height:5px;background:repeating-linear-gradient(115deg,var(--air-r) 0 18px,transparent 18px 30px,var(--air-b) 30px 48px,transparent 48px 60px);opacity:.85}
main,footer{max-width:760px;margin:0 auto;padding:0 20px}
main{padding-top:28px;padding-bottom:24px}
h1,h2,h3{font-family:var(--serif);line-height:1.25;text-wrap:balance}
h1{font-size:30px;margin:0 0 10px}
a{color:var(--smtp-ink)}
:focus-visible{outline:2px solid var(--ink);outline-offset:2px}
footer{padding-top:14px;padding-bottom:40px;color:var(--ink-2);font-size:14px}
`;

const ruleOfEach = (ids: readonly Protocol[], rule: (id: Protocol) => string): string =>
  ids.map(id => `.mailscope-transcript ${rule(id)}`).join('\n');

const CROSSING = PROTOCOL_IDS.filter(id => PROTOCOLS[id].opens !== null);

/** For what `transcriptFragment` makes. */
export const TRANSCRIPT_STYLE = `
.mailscope-transcript .provenance{color:var(--ink-2);font-size:14px;margin:0 0 8px}
.mailscope-transcript .beats{margin:0;padding:0;list-style:none}
.mailscope-transcript .beat{padding:20px 0 10px;border-top:1px solid var(--line)}
.mailscope-transcript .beat>:is(h2,h3){margin:0 0 6px;font-size:20px}
.mailscope-transcript .number{color:var(--ink-2)}
.mailscope-transcript p{margin:0 0 10px}
.mailscope-transcript .mark{display:flex;flex-wrap:wrap;gap:4px 10px;align-items:center;color:var(--ink-2);font-size:13px}
.mailscope-transcript .tag{padding:4px 7px;border-radius:5px;color:var(--on);font:600 11px/1 var(--mono)}
${ruleOfEach(PROTOCOL_IDS, id => `.tag.${id}{background:var(--${groundOf(id)})}`)}
.mailscope-transcript .failed{color:var(--bad-ink);font-weight:650}
.mailscope-transcript .waits{color:var(--wait);font-weight:650}
.mailscope-transcript .rules{font-size:14px}
.mailscope-transcript .rules a{margin-right:12px;white-space:nowrap}
.mailscope-transcript .ends{margin:0;padding:8px 0 6px;font-size:13px;font-weight:600}
.mailscope-transcript .ends small{font:12px/1.4 var(--mono);color:var(--ink-2)}
.mailscope-transcript .wire ol{margin:0 0 10px;padding:8px 0;border:1px solid var(--line);border-radius:8px;background:var(--card);list-style:none}
.mailscope-transcript .wire li{display:grid;grid-template-columns:minmax(0,170px) minmax(0,1fr);gap:0 12px;padding:3px 14px 3px 11px;border-left:3px solid transparent;font-size:13px}
${ruleOfEach(PROTOCOL_IDS, id => `.wire li.of-${id}{border-left-color:var(--${id})}`)}
.mailscope-transcript .wire li.bad{border-left-color:var(--bad)}
${ruleOfEach(CROSSING, id => `.client.of-${id}>pre{color:var(--${inkOf(id)})}`)}
.mailscope-transcript .wire li.bad pre{color:var(--bad-ink)}
.mailscope-transcript .who{color:var(--ink-2)}
.mailscope-transcript pre{margin:0;font:12.5px/1.5 var(--mono);white-space:pre-wrap;overflow-wrap:anywhere}
.mailscope-transcript .wire em{color:var(--store-ink)}
.mailscope-transcript summary{cursor:pointer;font:12.5px/1.5 var(--mono);color:var(--smtp-ink);overflow-wrap:anywhere}
.mailscope-transcript .wire summary+pre{padding:8px 0}
.mailscope-transcript .sr-only{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
@media (max-width:560px){.mailscope-transcript .wire li{grid-template-columns:minmax(0,1fr)}}
`;
