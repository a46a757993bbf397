/** How one's own mail program, or a line in a terminal, takes part: host, ports, passwords, and commands to copy. */
import { type ReactNode, useEffect, useState } from 'react';
import type { ConnectFacts } from '../../shared/api/world.ts';
import { SERVICE_WORDS } from '../../shared/explain/services.ts';
import { SERVICE_KINDS, type ServiceKind } from '../../shared/protocols.ts';
import { Button } from '../design/Button.tsx';
import { Dialog } from '../design/Dialog.tsx';
import { CopyIcon } from '../design/icons.tsx';
import { useCopy } from '../design/useCopy.ts';
import { shownRoomApi } from '../session/shown-room.ts';
import { usePlayer } from '../session/usePlayer.ts';
import { openDialog } from '../session/view.ts';
import type { Answer } from '../source/api.ts';
import { commandsFor } from './commands.ts';
import './connect.css';

function Copyable({ text }: { readonly text: string }): ReactNode {
  const { said, copy } = useCopy(text);
  return (
    <div className="connect-command">
      <code>{text}</code>
      <Button look="quiet" icon={<CopyIcon />} aria-label={`Copy: ${text}`} onClick={copy} />
      <span role="status">{said}</span>
    </div>
  );
}

/** What an account needs comes first. */
const ROWS: readonly ServiceKind[] = [...new Set<ServiceKind>(['submission', 'pop3', ...SERVICE_KINDS])];

function Facts({ facts }: { readonly facts: ConnectFacts }): ReactNode {
  return (
    <>
      <p>
        Set up an account in Thunderbird or any other mail program with these servers, without encryption. What it says
        is drawn on the stage like Alice’s and Bob’s own programs, as <b>your mail client</b>. No letter leaves this
        machine.
      </p>
      <table className="connect-table">
        <thead>
          <tr>
            <th scope="col">Server</th>
            <th scope="col">Host</th>
            <th scope="col">Port</th>
          </tr>
        </thead>
        <tbody>
          {ROWS.map(kind => (
            <tr key={kind}>
              <td>{SERVICE_WORDS[kind].account}</td>
              <td>
                <code>{facts[kind].host}</code>
              </td>
              <td>
                <code>{facts[kind].port}</code>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <table className="connect-table">
        <thead>
          <tr>
            <th scope="col">User name</th>
            <th scope="col">Password</th>
          </tr>
        </thead>
        <tbody>
          {facts.users.map(user => (
            <tr key={user.user}>
              <td>
                <code>{user.user}</code>
              </td>
              <td>
                <code>{user.password}</code>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <h3>In a terminal</h3>
      {commandsFor(facts).map(command => (
        <Copyable key={command} text={command} />
      ))}
    </>
  );
}

export function Connect(): ReactNode {
  const open = usePlayer(state => state.dialog?.kind === 'connect');
  const [answer, setAnswer] = useState<Answer<{ readonly connect: ConnectFacts | null }> | null>(null);
  useEffect(() => {
    if (!open) return;
    let here = true;
    void shownRoomApi()
      .connectFacts()
      .then(got => here && setAnswer(got));
    return () => {
      here = false;
    };
  }, [open]);
  return (
    <Dialog open={open} onClose={() => openDialog(null)} title="Connect a mail client" wide>
      <div className="connect">
        {answer === null ? (
          <p>Asking the server…</p>
        ) : !answer.ok ? (
          <p role="alert">{answer.message}</p>
        ) : answer.value.connect === null ? (
          <p>Your own programs reach your own world, not a story’s.</p>
        ) : (
          <Facts facts={answer.value.connect} />
        )}
      </div>
    </Dialog>
  );
}
