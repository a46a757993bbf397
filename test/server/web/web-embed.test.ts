/** Whoever pastes our address gets a figure and a picture; what is published may be loaded from anywhere, and nothing else. */
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createLobby, type Lobby } from '../../../server/rooms/lobby.ts';
import { openRoom } from '../../../server/rooms/room.ts';
import { startWebServer, type WebServer } from '../../../server/web/http.ts';
import { eachService } from '../../../shared/protocols.ts';
import { blueAndGreen } from '../../../shared/world/presets.ts';

const ROOT = join(import.meta.dirname, '../../..');
const PLACE = { host: '127.0.0.1', port: 1 };
const STORIES = [
  { name: 'youve-got-mail', title: 'You’ve got **mail**', intro: 'Alice writes to <Bob> & waits.\n\nMore.', beats: 14 },
  { name: 'nobody-by-that-name', title: 'Nobody by that name', intro: 'Two letters swapped.', beats: 9 },
];

let folder: string;
let lobby: Lobby;
let web: WebServer;
const troubles: string[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mailscope-embed-'));
  await mkdir(join(folder, 'stories', 'youve-got-mail'), { recursive: true });
  await mkdir(join(folder, 'assets'));
  for (const page of ['index.html', 'embed.html']) await copyFile(join(ROOT, page), join(folder, page));
  for (const { name } of STORIES)
    await copyFile(join(ROOT, 'stories', `${name}.trace.ndjson`), join(folder, 'stories', `${name}.trace.ndjson`));
  await writeFile(join(folder, 'stories', 'index.json'), JSON.stringify({ groups: [], stories: STORIES }));
  const text = '<html><head><title>A text page</title></head><body></body></html>';
  await writeFile(join(folder, 'stories', 'index.html'), text);
  await writeFile(join(folder, 'stories', 'youve-got-mail', 'index.html'), text);
  await writeFile(join(folder, 'assets', 'face.woff2'), 'a face');
  const main = await openRoom({ world: blueAndGreen, data: null, ports: null });
  lobby = createLobby({ main });
  const published = eachService(() => PLACE);
  const onTrouble = (sentence: string) => troubles.push(sentence);
  web = await startWebServer({ lobby, published, host: '127.0.0.1', port: 0, page: folder, onTrouble });
});
afterAll(async () => {
  await web.close();
  await lobby.close();
  await rm(folder, { recursive: true, force: true });
  expect(troubles).toEqual([]);
});

interface Answered {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
  readonly text: string;
}

/** As any program asks: fetch would not let us say whose page asks, nor for which host. */
const ask = (path: string, headers: Readonly<Record<string, string>> = {}, method = 'GET'): Promise<Answered> =>
  new Promise((resolve, reject) => {
    const { hostname, port } = new URL(web.url);
    request({ hostname, port, path, method, headers }, response => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => {
        const body = Buffer.concat(chunks);
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body, text: body.toString('utf8') });
      });
    })
      .on('error', reject)
      .end();
  });

const oembed = async (url: string, more: Readonly<Record<string, string>> = {}) => {
  const answered = await ask(`/oembed?${new URLSearchParams({ url, ...more })}`);
  const value: unknown = JSON.parse(answered.text);
  return { ...answered, value };
};

/** The frame in an answer's html, as a consumer that knows nothing of us finds it. */
const frameIn = (value: unknown): URL => {
  const html = typeof value === 'object' && value !== null && 'html' in value ? String(value.html) : '';
  return new URL((/ src="([^"]+)"/.exec(html)?.[1] ?? '').replaceAll('&amp;', '&'));
};

describe('oEmbed', () => {
  test.each([
    ['the story on the page', '?story=youve-got-mail'],
    ['the story to be read', 'stories/youve-got-mail/'],
    ['the figure', 'embed?story=youve-got-mail'],
  ])('gives a frame for %s', async (_what, path) => {
    const { status, headers, value } = await oembed(`${web.url}${path}`);
    expect(status).toBe(200);
    expect(headers['access-control-allow-origin']).toBe('*');
    expect(value).toMatchObject({
      version: '1.0',
      type: 'rich',
      title: 'You’ve got mail',
      provider_name: 'mailscope',
      provider_url: web.url,
      width: 680,
      thumbnail_url: `${web.url}og/youve-got-mail.png`,
      thumbnail_width: 1200,
      thumbnail_height: 630,
    });
    const src = frameIn(value);
    expect([src.origin, src.pathname, src.searchParams.get('story')]).toEqual([
      new URL(web.url).origin,
      '/embed',
      'youve-got-mail',
    ]);
  });

  test('carries over which part is shown, and how, from query and hash, in any case', async () => {
    const { value } = await oembed(`${web.url}embed?STORY=youve-got-mail&From=mx-question&to=mx-answer&x=1#step=7`);
    expect(Object.fromEntries(frameIn(value).searchParams)).toEqual({
      story: 'youve-got-mail',
      from: 'mx-question',
      to: 'mx-answer',
      step: '7',
    });
  });

  test('gives a frame for a recording from elsewhere, with the picture of the site', async () => {
    const { value } = await oembed(`${web.url}embed?trace=${encodeURIComponent('https://blog.example/run.ndjson')}`);
    expect(frameIn(value).searchParams.get('trace')).toBe('https://blog.example/run.ndjson');
    expect(value).toMatchObject({ thumbnail_url: `${web.url}og/default.png` });
  });

  test('is never larger than it is asked to be', async () => {
    const url = `${web.url}?story=youve-got-mail`;
    expect((await oembed(url, { maxwidth: '400' })).value).toMatchObject({ width: 400 });
    expect((await oembed(url, { maxwidth: '5000', maxheight: '300' })).value).toMatchObject({
      width: 680,
      height: 300,
    });
    const { value } = await oembed(url, { maxwidth: '320', maxheight: '240' });
    expect(value).toMatchObject({ width: 320, height: 240 });
    expect(JSON.stringify(value)).toContain('width=\\"320\\" height=\\"240\\"');
  });

  test.each([
    ['nothing', '', {}, 400],
    ['what is no address', 'stories/youve-got-mail/', {}, 400],
    ['no number of pixels', '?story=youve-got-mail', { maxwidth: 'wide' }, 400],
    ['an unknown story', '?story=moon', {}, 404],
    ['a page without a run', '', { url: '/' }, 400],
    ['another form', '?story=youve-got-mail', { format: 'xml' }, 501],
  ])('refuses %s', async (_what, path, more, status) => {
    const url = path.startsWith('?') ? `${web.url}${path}` : path;
    const answered = await oembed(url, more);
    expect(answered).toMatchObject({ status, value: { error: { code: expect.any(String) as string } } });
  });

  test('knows only its own address', async () => {
    for (const url of ['https://elsewhere.example/?story=youve-got-mail', `${web.url}api/trace`, web.url])
      expect((await oembed(url)).status, url).toBe(404);
  });
});

describe('the head of a page', () => {
  const meta = (html: string, name: string) =>
    new RegExp(`<meta (?:property|name)="${name}" content="([^"]*)"`).exec(html)?.[1];
  const oembedLink = (html: string) =>
    /<link rel="alternate" type="application\/json\+oembed" href="([^"]+)" title="([^"]+)">/.exec(html)?.slice(1);

  test.each([
    ['/?story=youve-got-mail', '?story=youve-got-mail'],
    ['/stories/youve-got-mail/', 'stories/youve-got-mail/'],
    ['/embed?story=youve-got-mail&from=mx-question', '?story=youve-got-mail'],
  ])('of %s says what a link to it shows, and where its figure is to be had', async (path, canonical) => {
    const { status, text, headers } = await ask(path);
    expect([status, headers['content-type']]).toEqual([200, 'text/html; charset=utf-8']);
    expect(meta(text, 'og:title')).toBe('You’ve got mail');
    expect(meta(text, 'og:description')).toBe('Alice writes to &lt;Bob&gt; &amp; waits.');
    expect(meta(text, 'og:url')).toBe(`${web.url}${canonical}`);
    expect(meta(text, 'og:image')).toBe(`${web.url}og/youve-got-mail.png`);
    expect(meta(text, 'twitter:card')).toBe('summary_large_image');
    const [href = '', title] = oembedLink(text) ?? [];
    expect(title).toBe('You’ve got mail');
    const found = await ask(new URL(href).pathname + new URL(href.replaceAll('&amp;', '&')).search);
    expect(found.status).toBe(200);
    expect(JSON.parse(found.text)).toMatchObject({ type: 'rich', title: 'You’ve got mail' });
  });

  test('of a story on the page has its title, and the frame leads to its text where no script runs', async () => {
    expect((await ask('/?story=youve-got-mail')).text).toContain('<title>You’ve got mail · mailscope</title>');
    const { text } = await ask('/embed?story=youve-got-mail');
    expect(text).toContain('href="stories/youve-got-mail/"');
    expect(text).toContain('<h1 class="unseen">You’ve got mail</h1>');
  });

  test('of the site has the site’s picture, and names no figure', async () => {
    for (const path of ['/', '/?story=moon', '/stories/']) {
      const { text } = await ask(path);
      expect(meta(text, 'og:image')).toBe(`${web.url}og/default.png`);
      expect(oembedLink(text)).toBeUndefined();
    }
  });

  test('is the same until the page is built anew', async () => {
    const first = await ask('/?story=youve-got-mail');
    const etag = String(first.headers.etag);
    expect((await ask('/?story=youve-got-mail', { 'if-none-match': etag })).status).toBe(304);
    expect((await ask('/?story=nobody-by-that-name', { 'if-none-match': etag })).status).toBe(200);
  });
});

describe('the picture of a run', () => {
  const sizeOf = (png: Buffer) => [png.readUInt32BE(16), png.readUInt32BE(20)];

  test.each(['youve-got-mail', 'nobody-by-that-name', 'default'])('%s is 1200 by 630', async name => {
    const { status, headers, body } = await ask(`/og/${name}.png`);
    expect([status, headers['content-type']]).toEqual([200, 'image/png']);
    expect(body.subarray(1, 4).toString('latin1')).toBe('PNG');
    expect(sizeOf(body)).toEqual([1200, 630]);
    // Letters, hosts and edge: an empty sheet would be a tenth of it.
    expect(body.length).toBeGreaterThan(40_000);
    expect(body.equals((await ask(`/og/${name}.png`)).body)).toBe(true);
  });

  test.each(['moon.png', 'youve-got-mail.svg', '../index.html', 'youve-got-mail', ''])('/og/%s is none', async name => {
    expect((await ask(`/og/${name}`)).status).toBe(404);
  });
});

describe('a page of another origin, and a frame without one', () => {
  const policy = ({ headers }: Answered) => String(headers['content-security-policy']);

  test.each([
    '/embed?story=youve-got-mail',
    '/stories/youve-got-mail.trace.ndjson',
    '/assets/face.woff2',
    '/og/youve-got-mail.png',
    '/stories/youve-got-mail/',
  ])('may load %s', async path => {
    for (const origin of ['null', 'https://blog.example']) {
      const { status, headers } = await ask(path, { origin });
      expect(status).toBe(200);
      expect(headers['access-control-allow-origin']).toBe('*');
      expect(headers['cross-origin-resource-policy']).toBe('cross-origin');
    }
  });

  test.each(['/', '/?story=youve-got-mail', '/api/world', '/api/trace', '/healthz', '/index.html', '/embedded'])(
    'is refused %s',
    async path => {
      for (const origin of ['null', 'https://blog.example']) {
        const { status, headers } = await ask(path, { origin });
        expect(status).toBe(403);
        expect(headers['access-control-allow-origin']).toBeUndefined();
        expect(headers['cross-origin-resource-policy']).toBe('same-origin');
      }
    },
  );

  test('may send nothing, not even there', async () => {
    for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS'])
      expect((await ask('/embed', { origin: 'null' }, method)).status, method).toBe(403);
  });

  test('gains nothing by another name for this server', async () => {
    for (const path of ['/embed', '/stories/youve-got-mail/', '/og/default.png'])
      expect((await ask(path, { host: 'rebound.example' })).status).toBe(403);
  });

  test('may frame the figure alone, which is a sandbox without an origin', async () => {
    const figure = policy(await ask('/embed?story=youve-got-mail'));
    expect(figure).toContain('frame-ancestors * file:');
    expect(figure).toContain('sandbox allow-scripts');
    expect(figure).not.toMatch(/allow-same-origin|unsafe-/);
    for (const path of ['/', '/stories/', '/stories/youve-got-mail/', '/og/default.png', '/api/world'])
      expect(policy(await ask(path)), path).toMatch(/frame-ancestors 'none'$/);
  });
});

test('the figure’s page has no script and no style of its own in it', async () => {
  const html = await readFile(join(ROOT, 'embed.html'), 'utf8');
  expect(html).not.toMatch(/<style| style=| on[a-z]+=|<script(?![^>]* src=)/);
});
