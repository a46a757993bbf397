/** The page that needs nothing, as text: its policy lets in what is in it, and no recording can leave the element that holds it. */
import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { type PageParts, selfContainedPage } from '../../../shared/export/page.ts';
import { decodeTrace } from '../../../shared/trace/codec.ts';
import { toldFrom, traceOf, withSubject } from '../../fixtures/recordings.ts';

const sha256 = async (text: string): Promise<string> => createHash('sha256').update(text, 'utf8').digest('base64');

const SCRIPT = 'customElements.define("mail-flow", class extends HTMLElement {});';

const pageOf = (trace: string, more: Partial<PageParts> = {}): Promise<string> =>
  selfContainedPage({
    story: toldFrom(trace),
    trace,
    script: SCRIPT,
    span: null,
    from: null,
    to: null,
    theme: 'auto',
    autoplay: false,
    hash: sha256,
    ...more,
  });

/** As a parser of HTML finds them: up to the first end tag, line ends normalized. */
const contentsOf = (html: string, tag: 'script' | 'style'): readonly string[] =>
  [...html.replace(/\r\n?/g, '\n').matchAll(new RegExp(`<${tag}(?: [^>]*)?>([^]*?)</${tag}`, 'gi'))].map(
    ([, content = '']) => content,
  );

describe('the policy', () => {
  test.each([
    ['plain', SCRIPT],
    [
      'with end tags and comments in its strings',
      `const a = "</script><!-- <script>"; const b = \`</SCRIPT>\`; ${SCRIPT}`,
    ],
    ['with line ends of another system', `const a = 1;\r\nconst b = 2;\r${SCRIPT}`],
  ])('names exactly the scripts and the style that are there: a player that is %s', async (_what, script) => {
    const html = await pageOf(traceOf('youve-got-mail'), { script });
    const [policy = ''] = /Content-Security-Policy" content="[^"]*"/.exec(html) ?? [];
    const allowed = [...policy.matchAll(/sha256-([A-Za-z0-9+/=]+)/g)].map(([, hash]) => hash);
    const [recording, ...scripts] = contentsOf(html, 'script');
    expect(recording).toContain('"mailscope":1');
    const present = await Promise.all([...scripts, ...contentsOf(html, 'style')].map(sha256));
    expect(present).toEqual(allowed);
    expect(policy).toContain('default-src &#39;none&#39;');
    expect(policy).not.toMatch(/unsafe|https?:/);
  });

  test('what a script says is the same', async () => {
    const html = await pageOf(traceOf('youve-got-mail'), { script: 'return "</script><!--" + /<!--x/.test("<!--x");' });
    const [, player = ''] = contentsOf(html, 'script');
    expect(new Function(player)()).toBe('</script><!--true');
  });
});

describe.each([
  'Lunch?',
  '</script><script>alert(1)</script>',
  '<!--<script>',
  '</title><mail-flow src="https://evil.example/">',
])('a recording with the subject %j', subject => {
  test('stays in its element, and is the same recording', async () => {
    const trace = withSubject('youve-got-mail', subject);
    const html = await pageOf(trace);
    expect(contentsOf(html, 'script')).toHaveLength(3);
    expect(html.match(/<script/gi)).toHaveLength(3);
    expect(html.match(/<mail-flow/g)).toHaveLength(1);
    const [text = ''] = contentsOf(html, 'script');
    expect(decodeTrace(text)).toEqual(decodeTrace(trace));
  });
});

test('part, theme and start are on the figure, and the transcript is of that part', async () => {
  const trace = traceOf('youve-got-mail');
  const span = { ...{ first: 6, last: 7 }, start: toldFrom(trace).beats[6]?.start, end: toldFrom(trace).beats[7]?.end };
  if (span.start === undefined || span.end === undefined) throw new Error('shorter than it was');
  const html = await pageOf(trace, {
    span: { first: 6, last: 7, start: span.start, end: span.end },
    from: 'mx-question',
    to: 'mx-answer',
    theme: 'dark',
    autoplay: true,
  });
  expect(html).toContain('<mail-flow src="#run" from="mx-question" to="mx-answer" theme="dark" autoplay title="');
  expect(html.match(/<li class="beat">/g)).toHaveLength(2);
});

test('nothing in it is fetched from anywhere', async () => {
  const html = await pageOf(traceOf('youve-got-mail'));
  const [recording = ''] = contentsOf(html, 'script');
  const rest = html.replace(recording, '');
  expect(rest).not.toMatch(/ src="(?!#run")|<link|@import|url\(/);
  for (const [, address] of rest.matchAll(/href="([^"]*)"/g))
    expect(address).toMatch(/^https:\/\/www\.rfc-editor\.org\//);
});
