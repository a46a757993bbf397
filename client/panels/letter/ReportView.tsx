/** A delivery status notification in words: its three parts, for a person, for a program, and what came back (RFC 3464). */
import type { ReactNode } from 'react';
import type { DeliveryReport, ReportedRecipient } from '../../../shared/decode/dsn.ts';
import { decodeWords } from '../../../shared/decode/encoded-words.ts';
import { visible } from '../../../shared/visible.ts';
import { bytesText } from '../../caption/measures.ts';

const ACTIONS: Readonly<Record<string, string>> = {
  failed: '✕ will not get it',
  delayed: '◷ has not got it yet; it is still being tried',
  delivered: '✓ has it in the mailbox',
  relayed: '→ was handed on to a server that sends no reports',
  expanded: '→ was sent on to several others',
};

function Fate({ fate }: { readonly fate: ReportedRecipient }): ReactNode {
  return (
    <li className={`fate ${fate.action}`}>
      <b>{visible(fate.recipient)}</b> {ACTIONS[fate.action] ?? fate.action}
      {fate.diagnostic !== '' && (
        <p>
          {fate.remote === '' ? 'The reason' : `${fate.remote} said`}: <code>{visible(fate.diagnostic)}</code>
        </p>
      )}
      <small>
        Status {fate.status}
        {fate.retryUntil !== '' && ` · tried until ${fate.retryUntil}`}
      </small>
    </li>
  );
}

interface Props {
  readonly report: DeliveryReport;
  /** Its first part, decoded. */
  readonly words: string;
}

export function ReportView({ report, words }: Props): ReactNode {
  const { reporter, recipients, returned } = report;
  return (
    <section className="report" aria-label="What this report says">
      <p className="panel-note">
        A report from {reporter === '' ? 'a server' : reporter}, in three parts. Its envelope sender is &lt;&gt;, so
        that nobody ever answers it with another report.
      </p>
      <h3>1. For you</h3>
      <p className="report-words" dir="auto">
        {words === '' ? 'There are no words for a person in it.' : words}
      </p>
      <h3>2. For your mail program</h3>
      <ul>
        {recipients.map(fate => (
          <Fate key={`${fate.recipient} ${fate.action}`} fate={fate} />
        ))}
      </ul>
      <h3>3. Your letter</h3>
      <p>
        {returned === null
          ? 'Nothing of it came back.'
          : `${returned.what === 'letter' ? 'The whole letter' : 'Its header'} came back, ${bytesText(returned.octets)}: “${decodeWords(returned.subject) || 'no subject'}”.`}
      </p>
    </section>
  );
}
