/** A whole site for the page's tests: the page as it is built, a real room behind it, and a viewer's browser. */
import { createServer } from 'node:http';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import sirv from 'sirv';
import { inject } from 'vitest';
import { createLobby, type Lobby } from '../../server/rooms/lobby.ts';
import { ANY_PORTS } from '../../server/rooms/publish.ts';
import { openRoom, type Room } from '../../server/rooms/room.ts';
import type { StoryTeller } from '../../server/web/calls/stories-api.ts';
import { startWebServer } from '../../server/web/http.ts';
import { blueAndGreen } from '../../shared/world/presets.ts';

export interface Site {
  readonly url: string;
  readonly port: number;
  readonly room: Room;
  readonly lobby: Lobby;
  /** What the web server had trouble with; closing throws where there is any left. */
  readonly troubles: string[];
  close(): Promise<void>;
}

/** The room and its web server; `port` 0 is any free one. `data` null keeps nothing. `stories`: who tells them. */
export async function openSite(data: string | null = null, port = 0, stories?: StoryTeller): Promise<Site> {
  const ports = ANY_PORTS;
  const room = await openRoom({ world: blueAndGreen, data, ports });
  if (room.published === null) throw new Error('the room was asked to publish its servers');
  const troubles: string[] = [];
  const lobby = createLobby({ main: room });
  const web = await startWebServer({
    lobby,
    published: room.published,
    ...(stories !== undefined && { stories }),
    host: '127.0.0.1',
    port,
    page: inject('page'),
    onTrouble: sentence => troubles.push(sentence),
  });
  return {
    url: web.url,
    port: Number(new URL(web.url).port),
    room,
    lobby,
    troubles,
    async close() {
      await web.close();
      await lobby.close();
      if (troubles.length > 0) throw new Error(`the web server had trouble: ${troubles.join('; ')}`);
    },
  };
}

/** The page's files and nothing else: no API, no socket. `files` are served beside them. */
export async function openStaticSite(
  files: Readonly<Record<string, string | Buffer>> = {},
): Promise<{ readonly url: string; readonly asked: readonly string[]; close(): Promise<void> }> {
  const asked: string[] = [];
  const serve = sirv(inject('page'));
  const server = createServer((request, response) => {
    const name = (request.url ?? '/').split('?', 1)[0] ?? '/';
    asked.push(name);
    const file = files[name];
    if (file !== undefined) response.end(file);
    else
      serve(request, response, () => {
        response.writeHead(404).end();
      });
  });
  server.on('upgrade', (request, socket) => {
    asked.push(`upgrade ${request.url}`);
    socket.destroy();
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}/`,
    asked,
    async close() {
      const closed = new Promise<void>(resolve => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}

export interface Viewer {
  readonly page: Page;
  /** What the browser complained about. */
  readonly complaints: readonly string[];
  close(): Promise<void>;
}

/** A fresh viewer, who has never been here. */
export async function openViewer(browser: Browser, url: string, options: BrowserContextOptions = {}): Promise<Viewer> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, locale: 'en-GB', ...options });
  // A promise that is not kept says which one, before the test runner only says that it took too long.
  context.setDefaultTimeout(20_000);
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('console', message => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
  });
  page.on('pageerror', error => complaints.push(error.message));
  await page.goto(url);
  return { page, complaints, close: () => context.close() };
}

/** Waits until the story's part that this page shows has been told to its end: the letter is in the inbox. */
export async function sendAndArrive(site: Site, subject = 'Lunch?', to = 'bob@green.example'): Promise<void> {
  const draft = {
    from: { name: 'Alice', address: 'alice@blue.example' },
    to: [to],
    subject,
    text: 'Hi Bob,\r\n\r\nshall we have lunch on Friday, at one?\r\n',
  };
  const sent = site.room.send(draft, { collect: true });
  if (sent === null) throw new Error('Alice is a user of this world');
  await sent.finished;
}

/** The page's own clock, "0:12 / 1:23", as seconds. */
export async function clockOf(page: Page): Promise<{ readonly at: number; readonly of: number }> {
  const text = await page.locator('.timeline-clock').innerText();
  const [at, of] = text.split('/').map(part => {
    const [minutes, seconds] = part.trim().split(':').map(Number);
    return (minutes ?? 0) * 60 + (seconds ?? 0);
  });
  return { at: at ?? 0, of: of ?? 0 };
}

/** Until what was asked for is on the screen: the event, React's render and the frame that shows it. */
export const drawn = (page: Page): Promise<void> =>
  page.evaluate(
    () =>
      new Promise<void>(resolve => {
        const wait = (frames: number): void => {
          if (frames === 0) resolve();
          else requestAnimationFrame(() => wait(frames - 1));
        };
        wait(4);
      }),
  );

/** Lands on a moment, standing still, as a shared link does; `seconds` of story time. */
export async function goToMoment(page: Page, seconds: number): Promise<void> {
  await page.evaluate(t => {
    location.hash = '';
    location.hash = `t=${t}`;
  }, seconds);
  await drawn(page);
}
