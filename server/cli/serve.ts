/** `mailscope serve`: the world runs and the page is served until somebody stops it. */
import { spawn } from 'node:child_process';
import { eachService, SERVICE_KINDS } from '../../shared/protocols.ts';
import { createOctetBudget } from '../base/octet-budget.ts';
import { ROOT } from '../base/root.ts';
import { createLobby } from '../rooms/lobby.ts';
import { openRoom } from '../rooms/room.ts';
import { startWebServer } from '../web/http.ts';
import { ensurePage } from '../web/page.ts';
import type { ServeArguments } from './usage.ts';
import { loadWorld } from './world-file.ts';

const OPENERS: Partial<Record<NodeJS.Platform, string>> = { darwin: 'open', win32: 'explorer' };

function openInBrowser(url: string, say: (sentence: string) => void): void {
  const opener = spawn(OPENERS[process.platform] ?? 'xdg-open', [url], { stdio: 'ignore', detached: true });
  opener.on('error', () => say('No browser could be opened; the address is above.'));
  opener.unref();
}

/** Resolves with the signal's first arrival; the second one ends the process at once. */
function untilStopped(): Promise<void> {
  return new Promise(resolve => {
    let asked = false;
    for (const signal of ['SIGINT', 'SIGTERM'] as const)
      process.on(signal, () => {
        if (asked) process.exit(1);
        asked = true;
        resolve();
      });
  });
}

/** Resolves with the exit status once everything is closed. Throws CliError, PortError, DataFolderError. */
export async function serve(
  args: ServeArguments,
  print: (line: string) => void,
  say: (sentence: string) => void,
): Promise<number> {
  // Whatever the person's own umask: what a world keeps is nobody else's, and its owner can always read it.
  process.umask(0o077);
  const world = await loadWorld(args.world);
  const { host, outside, retry, archives } = args;
  const ports = { host, ...eachService(kind => args[kind]) };
  const budget = createOctetBudget(args.inFlight);
  const room = await openRoom({ world, data: args.data, archives, ports, outside, retry, budget, onTrouble: say });
  const lobby = createLobby({ main: room, budget, onTrouble: say });
  const stopped = untilStopped();
  try {
    // Last, because it may take seconds, and what the outside got wrong should be said at once.
    const page = await ensurePage(ROOT, say);
    if (room.published === null) throw new Error('a served room publishes its servers');
    const { published } = room;
    const { port, audience } = args;
    const web = await startWebServer({
      lobby,
      published,
      octets: budget,
      host,
      port,
      audience,
      page,
      onTrouble: say,
    });
    if (args.json) print(JSON.stringify(web.ready));
    else print(`mailscope is running: ${web.url}`);
    if (!args.json) for (const url of web.ready.audience ?? []) print(`  the audience comes in at ${url}`);
    if (args.verbose && !args.json)
      for (const kind of SERVICE_KINDS) print(`  ${kind} ${host}:${web.ready[kind].port}`);
    if (args.open) openInBrowser(web.url, say);
    await stopped;
    await web.close();
  } finally {
    await lobby.close();
  }
  return 0;
}
