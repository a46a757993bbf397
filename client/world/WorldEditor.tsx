/** The world as a thing to change: domains, hosts, people, aliases, lists, limits; kept as a file, and opened from one. */
import { type ReactNode, useRef, useState } from 'react';
import { ROOM_CALLS } from '../../shared/api/routes.ts';
import { remarks } from '../../shared/world/remarks.ts';
import { MOST_DOMAINS, MOST_HOSTS, residents } from '../../shared/world/world.ts';
import { Button } from '../design/Button.tsx';
import { Dialog } from '../design/Dialog.tsx';
import { OpenIcon, SaveIcon } from '../design/icons.tsx';
import { replaceWorld, resetWorld } from '../session/keeper.ts';
import { useKeeper } from '../session/useKeeper.ts';
import { usePlayer } from '../session/usePlayer.ts';
import { openDialog } from '../session/view.ts';
import type { WorldFacts } from '../source/source.ts';
import { AddForms } from './AddForms.tsx';
import { DomainCard, HostRow } from './DomainCard.tsx';
import { LimitFields } from './Limits.tsx';
import { Undo } from './Undo.tsx';
import './editor.css';

/** More than any world has; a bigger file is not even read. */
const LARGEST = 8 * 1024 * 1024;

/** Makes the file the world of now; answers why not, or null. Nothing is lost where it cannot be. */
async function openWorld(file: File): Promise<string | null> {
  if (file.size > LARGEST) return `${file.name} is larger than 8 MB, which no world is.`;
  let world: unknown;
  try {
    world = JSON.parse(await file.text());
  } catch (error) {
    return `${file.name} is no world: it is not JSON (${error instanceof Error ? error.message : String(error)}).`;
  }
  const problem = await replaceWorld(world, file.name);
  return problem === null ? null : `${file.name} was not opened: ${problem}`;
}

function Files(): ReactNode {
  const picker = useRef<HTMLInputElement>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const busy = useKeeper(state => state.busy);
  return (
    <>
      <div className="world-tools">
        <Undo />
        <Button disabled={busy} onClick={() => void resetWorld()}>
          Back to the first world
        </Button>
        <a className="button plain" href={ROOM_CALLS.worldFile.path} download>
          <SaveIcon />
          Save world
        </a>
        <Button icon={<OpenIcon />} disabled={busy} onClick={() => picker.current?.click()}>
          Open world
        </Button>
        <input
          ref={picker}
          type="file"
          hidden
          aria-label="Open a world"
          accept=".json,application/json"
          onChange={event => {
            const file = event.target.files?.[0];
            event.target.value = '';
            if (file !== undefined) void openWorld(file).then(setProblem);
          }}
        />
      </div>
      {problem !== null && (
        <p className="compose-problem" role="alert">
          ✕ {problem}
        </p>
      )}
    </>
  );
}

function Editor({ facts }: { readonly facts: WorldFacts }): ReactNode {
  const { world } = facts;
  const said = remarks(world);
  const elsewhere = world.hosts.filter(
    host => host.kind !== 'client' && !world.domains.some(domain => domain.name === host.domain),
  );
  return (
    <div className="world">
      <Files />
      <p className="panel-note">
        {world.domains.length} of {MOST_DOMAINS} domains, {residents(world).length} of {MOST_HOSTS} hosts. Every change
        runs at once, is told in the story, and can be undone. DNS records are changed in the DNS panel.
      </p>
      {said.length > 0 && (
        <ul className="world-remarks" aria-label="Mistakes this world holds">
          {said.map(({ path, message }) => (
            <li key={`${path} ${message}`} className="said-remark">
              ! {message}
            </li>
          ))}
        </ul>
      )}
      <AddForms world={world} />
      {world.domains.map(domain => (
        <DomainCard key={domain.name} world={world} domain={domain} />
      ))}
      {elsewhere.length > 0 && (
        <section className="world-domain" aria-label="Outside the domains">
          <header>
            <h3>Outside the domains</h3>
          </header>
          <ul>
            {elsewhere.map(host => (
              <HostRow key={host.id} world={world} host={host} />
            ))}
          </ul>
        </section>
      )}
      <LimitFields world={world} />
    </div>
  );
}

export function WorldEditor(): ReactNode {
  const open = usePlayer(state => state.dialog?.kind === 'world');
  const facts = useKeeper(state => state.facts);
  return (
    <Dialog open={open} onClose={() => openDialog(null)} title="The world" wide>
      {facts === null ? <p>No server is connected whose world could be changed now.</p> : <Editor facts={facts} />}
    </Dialog>
  );
}
