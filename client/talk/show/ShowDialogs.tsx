/** On the stage's side: sharing the talk with its audience, the way to follow large on the stage, and a window that would not open. */
import { type ReactNode, useState } from 'react';
import { useStore } from 'zustand';
import { Button } from '../../design/Button.tsx';
import { Dialog } from '../../design/Dialog.tsx';
import { CopyIcon } from '../../design/icons.tsx';
import { usePlayer } from '../../session/usePlayer.ts';
import { present } from '../../session/view.ts';
import { isLoopback, speakerElsewhere } from '../../url.ts';
import { usePresentation } from '../present/usePresentation.ts';
import { howMany } from './followers.ts';
import { Poster } from './Poster.tsx';
import { Qr } from './Qr.tsx';
import {
  closeDialog,
  openSpeakerWindow,
  ownSpeakerAddress,
  type Sharing,
  share,
  stageShow,
  stopSharing,
  togglePoster,
} from './stage.ts';
import './show-dialogs.css';

/** How the server is started so that other devices come to its audience's door. */
const COMMAND = 'mailscope --audience 0.0.0.0:4026';

function CopyLink({ text, what }: { readonly text: string; readonly what: string }): ReactNode {
  const [said, setSaid] = useState('');
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(text);
      setSaid('Copied.');
    } catch {
      setSaid('Your browser would not; select it and copy.');
    }
  };
  return (
    <p className="show-link">
      <a href={text} target="_blank" rel="noreferrer">
        {text}
      </a>
      <Button icon={<CopyIcon />} aria-label={`Copy ${what}`} title={`Copy ${what}`} onClick={() => void copy()} />
      <span role="status">{said}</span>
    </p>
  );
}

type On = Extract<Sharing, { readonly status: 'on' }>;

/** Phones come to this machine only where its server listens to them. */
function Unreachable(): ReactNode {
  return (
    <div className="show-warning">
      <p>
        <b>Phones cannot come here yet.</b> This server listens to its own machine alone, so these links work in this
        machine’s browsers. Start it with a door for the audience, which leads to what you show and to nothing else:
      </p>
      <pre>
        <code>{COMMAND}</code>
      </pre>
    </div>
  );
}

function Elsewhere({ show }: { readonly show: On['show'] }): ReactNode {
  const [open, setOpen] = useState(false);
  const [best] = show.audience;
  if (best === undefined) return null;
  const link = speakerElsewhere(best, show.id, show.secret);
  return (
    <details className="show-elsewhere" onToggle={event => setOpen(event.currentTarget.open)}>
      <summary>Your notes on a second device</summary>
      <p>
        Whoever has this link steers the stage. <b>Do not show it to the audience.</b>
      </p>
      {open && (
        <div className="show-way">
          <Qr text={link} label="QR code of the speaker’s link" />
          <CopyLink text={link} what="the speaker’s link" />
        </div>
      )}
    </details>
  );
}

function Shared({ sharing }: { readonly sharing: On }): ReactNode {
  const { show, standing, followers, problem } = sharing;
  const presenting = usePlayer(state => state.presenting);
  const [best, ...others] = show.audience;
  if (best === undefined) return <p>The server gave no link for the audience.</p>;
  return (
    <>
      <div className="show-way">
        <Qr text={best} label="QR code of the audience’s link" />
        <div>
          <p className="show-count" role="status">
            <i aria-hidden="true" />
            {standing === 'away' ? 'The server is away; trying again…' : howMany(followers)}
          </p>
          <CopyLink text={best} what="the audience’s link" />
          {others.length > 0 && (
            <details>
              <summary>Other addresses of this machine</summary>
              {others.map(link => (
                <CopyLink key={link} text={link} what="this link" />
              ))}
            </details>
          )}
          <p className="show-quiet">
            Phones show your step as you take it. Whoever wants to look closer may, and comes back with one tap. Nobody
            but you can steer.
          </p>
        </div>
      </div>
      {!presenting && (
        <p className="show-hint">
          You do not present yet: they see your step from then on.
          <Button
            onClick={() => {
              closeDialog();
              present(true);
            }}
          >
            Present
          </Button>
        </p>
      )}
      {problem !== null && <p className="show-problem">{problem}</p>}
      {show.audience.every(isLoopback) && <Unreachable />}
      <Elsewhere show={show} />
    </>
  );
}

function Unshared({ sharing }: { readonly sharing: Exclude<Sharing, On> }): ReactNode {
  if (sharing.status === 'failed' && !sharing.server) {
    return (
      <>
        <p>
          <b>No mailscope server answers at this address.</b> This page comes from a site of files; what you do on it
          stays in this browser, so nobody can follow it elsewhere.
        </p>
        <p>
          Your notes need no server: the speaker window works here. To be followed, run mailscope on the machine that
          you present with.
        </p>
      </>
    );
  }
  return (
    <>
      {sharing.status === 'ended' && <p className="show-problem">The show has ended. You can begin another.</p>}
      {sharing.status === 'failed' && <p className="show-problem">{sharing.message}</p>}
      <p>
        Share a link, and every phone in the room shows the step that you are at. People may look at the bytes by
        themselves and come back to you with one tap; latecomers land where you are.
      </p>
      <p className="show-quiet">They can change nothing, and what they see is only what you show.</p>
    </>
  );
}

function AudienceDialog(): ReactNode {
  const open = useStore(stageShow, state => state.dialog === 'audience');
  const sharing = useStore(stageShow, state => state.sharing);
  const poster = useStore(stageShow, state => state.poster);
  const notes = <Button onClick={openSpeakerWindow}>Speaker window</Button>;
  return (
    <Dialog
      open={open}
      onClose={closeDialog}
      title="Let the audience follow"
      wide={sharing.status === 'on'}
      actions={
        sharing.status === 'on' ? (
          <>
            <Button look="quiet" className="show-stop" onClick={() => void stopSharing()}>
              Stop sharing
            </Button>
            {notes}
            <Button
              look="primary"
              title="The code on the stage  q"
              onClick={() => {
                closeDialog();
                if (!poster) togglePoster();
              }}
            >
              Show the code to the room
            </Button>
          </>
        ) : (
          <>
            {notes}
            <Button look="primary" data-first disabled={sharing.status === 'beginning'} onClick={() => void share()}>
              {sharing.status === 'failed' ? 'Try again' : 'Share this talk'}
            </Button>
          </>
        )
      }
    >
      {sharing.status === 'on' ? <Shared sharing={sharing} /> : <Unshared sharing={sharing} />}
    </Dialog>
  );
}

function BlockedDialog(): ReactNode {
  const open = useStore(stageShow, state => state.dialog === 'blocked');
  return (
    <Dialog open={open} onClose={closeDialog} title="Your browser kept the speaker window shut">
      <p>It takes windows that open by themselves for advertising. This link opens it, as a window or a tab:</p>
      {open && <CopyLink text={ownSpeakerAddress()} what="the link of the speaker window" />}
    </Dialog>
  );
}

/** As the projector has it while something is projected. */
export function ShowDialogs(): ReactNode {
  const presenting = usePlayer(state => state.presenting);
  const projector = usePresentation(state => state.theme);
  return (
    <div className="show-dialogs" {...(presenting && { 'data-projector': projector })}>
      <AudienceDialog />
      <BlockedDialog />
      <Poster />
    </div>
  );
}
