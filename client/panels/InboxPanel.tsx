/** Each user's inbox as their mail client has it: only what it has collected by POP3, never more. */
import { memo, type ReactNode, useState } from 'react';
import { domainOf } from '../../shared/address.ts';
import type { CollectWishes } from '../../shared/api/letters.ts';
import { decodeWords } from '../../shared/decode/encoded-words.ts';
import { fieldOf, messageIdOf, parseHeader } from '../../shared/decode/message.ts';
import { addressesText, mailboxesIn } from '../../shared/letter/addresses.ts';
import type { InboxEntry, Scene, Story } from '../../shared/story/story.ts';
import { wallClock } from '../../shared/trace/header.ts';
import { visible } from '../../shared/visible.ts';
import { domainNamed, type PublicWorld } from '../../shared/world/world.ts';
import { Button } from '../design/Button.tsx';
import { ReplyIcon } from '../design/icons.tsx';
import type { Draft } from '../player/place.ts';
import { shownRoomApi } from '../session/shown-room.ts';
import { awaitMore, awaitNothing } from '../session/travel.ts';
import { useKeeper } from '../session/useKeeper.ts';
import { usePlayer } from '../session/usePlayer.ts';
import { notify, openDialog, readInboxOf } from '../session/view.ts';
import { LetterView } from './letter/LetterView.tsx';
import { Outbox } from './Outbox.tsx';

const rawField = (entry: InboxEntry, name: string): string => fieldOf(parseHeader(entry.raw), name);
const subjectOf = (entry: InboxEntry): string => decodeWords(rawField(entry, 'Subject'));

/** Everybody that a Reply-To field names, else all the authors (RFC 5322 §3.6.2). */
const answerTo = (entry: InboxEntry): string =>
  mailboxesIn(rawField(entry, 'Reply-To') || rawField(entry, 'From'))
    .map(({ address }) => address)
    .join(', ');

/** What "Reply" fills in: the thread is kept by naming the letter that is answered (RFC 5322 §3.6.4). */
function replyTo(entry: InboxEntry, reader: PublicWorld['users'][number]): Partial<Draft> {
  const messageId = messageIdOf(parseHeader(entry.raw));
  return {
    from: reader.address,
    to: answerTo(entry),
    subject: again(subjectOf(entry)),
    text: `Yes, gladly.\n\n${reader.name}`,
    ...(messageId !== '' && { inReplyTo: messageId }),
  };
}

/** One letter of the list. Its header is read once, not once a step. */
const Row = memo(function Row({
  entry,
  createdAt,
  onOpen,
}: {
  readonly entry: InboxEntry;
  readonly createdAt: string;
  readonly onOpen: (entry: InboxEntry) => void;
}): ReactNode {
  return (
    <li>
      <button type="button" onClick={() => onOpen(entry)}>
        <b dir="auto">{visible(subjectOf(entry)) || '(no subject)'}</b>
        <span dir="auto">{visible(addressesText(rawField(entry, 'From')))}</span>
        <time title="UTC">{wallClock(createdAt, entry.wireAt)}</time>
      </button>
    </li>
  );
});

/** Older ones are drawn when they are asked for, so many at a time. */
const NEWEST = 200;

const again = (subject: string): string => (/^re:/i.test(subject) ? subject : `Re: ${subject}`);

async function collect(user: string, wishes: CollectWishes): Promise<void> {
  awaitMore();
  const answer = await shownRoomApi().checkMail(user, wishes);
  if (!answer.ok) {
    awaitNothing();
    notify(answer.message);
  }
}

/** How the next collecting goes, where the viewer may choose it. */
function Wishes({
  reader,
  wishes,
  change,
}: {
  readonly reader: PublicWorld['users'][number];
  readonly wishes: CollectWishes;
  readonly change: (wishes: CollectWishes) => void;
}): ReactNode {
  return (
    <div className="inbox-wishes">
      <label>
        <input
          type="checkbox"
          checked={wishes.leaveOnServer ?? reader.leaveOnServer ?? false}
          onChange={event => change({ ...wishes, leaveOnServer: event.target.checked })}
        />
        leave mail on the server
      </label>
      <label>
        <input
          type="checkbox"
          checked={wishes.dropBeforeQuit ?? false}
          onChange={event => change({ ...wishes, dropBeforeQuit: event.target.checked })}
        />
        the line drops before goodbye
      </label>
      <label title="While the first session has the mailbox, a second one is turned away">
        <input
          type="checkbox"
          checked={wishes.another ?? false}
          onChange={event => change({ ...wishes, another: event.target.checked })}
        />
        from a second device as well
      </label>
    </div>
  );
}

export function InboxPanel({ story, scene }: { readonly story: Story; readonly scene: Scene }): ReactNode {
  const { world } = scene.state;
  const { users } = world;
  const chosen = usePlayer(state => state.reader);
  const live = usePlayer(state => state.source.kind === 'live' && state.source.status === 'live');
  const editable = useKeeper(state => state.facts !== null);
  const [wishes, setWishes] = useState<CollectWishes>({});
  const [more, setMore] = useState(0);
  const [open, setOpen] = useState<InboxEntry | null>(null);
  const collected = story.inbox.slice(0, scene.inboxCount);
  const counts = new Map<string, number>();
  for (const { host } of collected) counts.set(host, (counts.get(host) ?? 0) + 1);
  // Who last got a letter is whose inbox one wants to see.
  const latest = users.find(user => user.client === collected.at(-1)?.host);
  const reader = users.find(user => user.address === chosen) ?? latest ?? users.at(-1);
  if (reader === undefined) return <p className="panel-empty">Nobody in this world has a mail client.</p>;

  const entries = collected.filter(entry => entry.host === reader.client);
  const first = Math.max(0, entries.length - NEWEST - more);
  const shown = open !== null && entries.includes(open) ? open : null;
  const waiting = domainNamed(world, domainOf(reader.address));
  const inMailbox = waiting === undefined ? 0 : (scene.state.hosts[waiting.pop]?.mailbox ?? 0);
  return (
    <div className="panel-scroll inbox">
      {/* biome-ignore lint/a11y/useSemanticElements: a group of buttons is no fieldset */}
      <div className="inbox-users choices" role="group" aria-label="Whose inbox">
        {users.map(user => (
          <button
            type="button"
            key={user.address}
            aria-pressed={user === reader}
            onClick={() => {
              readInboxOf(user.address);
              setOpen(null);
              setMore(0);
              setWishes({});
            }}
          >
            {user.name} <small>{counts.get(user.client) ?? 0}</small>
          </button>
        ))}
        <Button
          look="plain"
          disabled={!live}
          onClick={() => void collect(reader.address, wishes)}
          title="Collect by POP3"
        >
          Check mail
        </Button>
      </div>
      {editable && <Wishes reader={reader} wishes={wishes} change={setWishes} />}
      {editable && <Outbox reader={reader.address} />}
      {shown === null ? (
        <>
          {entries.length === 0 && (
            <p className="panel-empty">
              {reader.name}’s mail client has collected nothing yet at this moment.{' '}
              {inMailbox > 0 ? `${inMailbox} waiting on the server: mail is fetched, not brought.` : ''}
            </p>
          )}
          <ul className="inbox-list">
            {entries
              .slice(first)
              .map((entry, index) => (
                <Row key={first + index} entry={entry} createdAt={story.header.createdAt} onOpen={setOpen} />
              ))
              .reverse()}
          </ul>
          {first > 0 && (
            <Button look="quiet" onClick={() => setMore(more + NEWEST)}>
              … {first.toLocaleString('en')} earlier, show more
            </Button>
          )}
        </>
      ) : (
        <>
          <div className="inbox-actions">
            <Button look="quiet" onClick={() => setOpen(null)}>
              ‹ All letters
            </Button>
            <Button
              icon={<ReplyIcon />}
              disabled={!live}
              onClick={() => openDialog({ kind: 'compose', draft: replyTo(shown, reader) })}
            >
              Reply
            </Button>
          </div>
          <h2 dir="auto">{visible(subjectOf(shown)) || '(no subject)'}</h2>
          <LetterView raw={shown.raw} omitted={shown.omitted} />
        </>
      )}
    </div>
  );
}
