/** A letter being written. What is filled in already is enough: one click on Send sends. Nothing typed is lost, not even by a reload. */
import { type FormEvent, type ReactNode, useId, useState } from 'react';
import { addressesTyped } from '../../shared/letter/addresses.ts';
import type { PublicWorld } from '../../shared/world/world.ts';
import { Button } from '../design/Button.tsx';
import { Dialog } from '../design/Dialog.tsx';
import { LetterIcon } from '../design/icons.tsx';
import { type Draft, saveDraft, savedDraft } from '../player/place.ts';
import { shownRoomApi } from '../session/shown-room.ts';
import { awaitNothing, awaitRun } from '../session/travel.ts';
import { useKeeper } from '../session/useKeeper.ts';
import { usePlayer } from '../session/usePlayer.ts';
import { openDialog, showTab } from '../session/view.ts';
import { LetterField } from './LetterField.tsx';
import { MoreFields, moreOf } from './MoreFields.tsx';
import './compose.css';

/** The letter of the story: the first user writes to the second. */
export function firstDraft(world: PublicWorld): Draft {
  const [from, to] = world.users;
  const text = `Hi ${to?.name ?? 'there'},\n\nshall we have lunch on Friday, at one?\n\n${from?.name ?? ''}`;
  return { from: from?.address ?? '', to: to?.address ?? '', subject: 'Lunch?', text };
}

/** Who writes and who gets it; those that the world knows are offered. */
function AddressFields({
  id,
  world,
  draft,
  onChange,
}: {
  readonly id: string;
  readonly world: PublicWorld;
  readonly draft: Draft;
  readonly onChange: (part: Partial<Draft>) => void;
}): ReactNode {
  return (
    <>
      <label htmlFor={`${id}-from`}>From</label>
      <select id={`${id}-from`} value={draft.from} onChange={event => onChange({ from: event.target.value })}>
        {world.users.map(user => (
          <option key={user.address} value={user.address}>
            {user.name} &lt;{user.address}&gt;
          </option>
        ))}
      </select>
      <label htmlFor={`${id}-to`}>To</label>
      <input
        id={`${id}-to`}
        value={draft.to}
        onChange={event => onChange({ to: event.target.value })}
        autoComplete="off"
        autoCapitalize="off"
        spellCheck={false}
        list={`${id}-known`}
      />
      <datalist id={`${id}-known`}>
        {world.users.map(user => (
          <option key={user.address} value={user.address} />
        ))}
      </datalist>
    </>
  );
}

function Form({ world, given }: { readonly world: PublicWorld; readonly given: Partial<Draft> | null }): ReactNode {
  const [draft, setDraft] = useState<Draft>(() => ({ ...firstDraft(world), ...(given ?? savedDraft() ?? {}) }));
  const [collect, setCollect] = useState(true);
  const [sending, setSending] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const live = usePlayer(state => state.source.kind === 'live' && state.source.status === 'live');
  const editable = useKeeper(state => state.facts !== null);
  const id = useId();

  const change = (part: Partial<Draft>): void => {
    const next = { ...draft, ...part };
    setDraft(next);
    saveDraft(next);
  };

  const send = async (): Promise<void> => {
    const to = addressesTyped(draft.to);
    if (to.length === 0) {
      setProblem('Who shall get it? Write an address into “To”.');
      return;
    }
    const extra = moreOf(draft);
    if (!extra.ok) {
      setProblem(extra.message);
      return;
    }
    setSending(true);
    setProblem(null);
    awaitRun();
    const { from, subject, text, inReplyTo } = draft;
    const answer = await shownRoomApi().sendLetter({
      from,
      to,
      subject,
      text,
      collect,
      ...extra.more,
      ...(inReplyTo !== undefined && { inReplyTo }),
    });
    setSending(false);
    if (answer.ok) {
      saveDraft(null);
      openDialog(null);
      showTab('conversation');
    } else {
      awaitNothing();
      setProblem(answer.message);
    }
  };
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    void send();
  };

  const readers = world.users.filter(user =>
    addressesTyped(draft.to).some(to => to.toLowerCase() === user.address.toLowerCase()),
  );
  const who = readers.length === 1 ? (readers[0]?.name ?? 'The reader') : null;
  return (
    <form className="compose" onSubmit={submit}>
      <AddressFields id={id} world={world} draft={draft} onChange={change} />
      <label htmlFor={`${id}-subject`}>Subject</label>
      <input id={`${id}-subject`} value={draft.subject} onChange={event => change({ subject: event.target.value })} />
      <label htmlFor={`${id}-text`}>Letter</label>
      <LetterField
        id={`${id}-text`}
        first={given !== null || !live}
        text={draft.text}
        onChange={text => change({ text })}
      />
      <label className="compose-collect">
        <input type="checkbox" checked={collect} onChange={event => setCollect(event.target.checked)} />
        {who === null ? 'The readers check their mail when it arrives' : `${who} checks the mail when it arrives`}
      </label>
      <MoreFields draft={draft} onChange={more => change({ more })} />
      {problem !== null && (
        <p className="compose-problem" role="alert">
          ✕ {problem}
        </p>
      )}
      {!live && (
        <p className="compose-note">No server is connected, so a letter cannot be sent now. What you type is kept.</p>
      )}
      <div className="compose-actions">
        {editable && (
          <Button
            className="compose-stranger"
            look="quiet"
            onClick={() => openDialog({ kind: 'stranger', server: null })}
          >
            Call as a stranger instead
          </Button>
        )}
        <Button look="quiet" onClick={() => openDialog(null)}>
          Not now
        </Button>
        <Button
          look="primary"
          type="submit"
          icon={<LetterIcon />}
          disabled={!live || sending}
          data-first={given === null && live ? '' : undefined}
        >
          {sending ? 'Sending…' : 'Send'}
        </Button>
      </div>
    </form>
  );
}

export function Compose({ world }: { readonly world: PublicWorld }): ReactNode {
  const dialog = usePlayer(state => state.dialog);
  const open = dialog?.kind === 'compose';
  return (
    <Dialog open={open} onClose={() => openDialog(null)} title="A new letter">
      {open && <Form world={world} given={dialog.draft} />}
    </Dialog>
  );
}
