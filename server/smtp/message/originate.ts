/** What a submission server may mend in a letter on its first hop (RFC 6409 §8), and the one field it must take out. Pure. */
import { headerFields, withFieldsOnTop, withoutFields } from './header-fields.ts';
import { dateTime } from './trace-fields.ts';

/** Adds Date and Message-ID where they are missing, removes Bcc (RFC 5322 §3.6.3); all other octets stay. */
export function mendSubmission(message: Buffer, facts: { host: string; id: string; date: Date }): Buffer {
  const names = new Set(headerFields(message).map(field => field.name));
  const missing = [
    names.has('date') ? '' : `Date: ${dateTime(facts.date)}\r\n`,
    names.has('message-id') ? '' : `Message-ID: <${facts.id}.${facts.date.getTime()}@${facts.host}>\r\n`,
  ].join('');
  const kept = withoutFields(message, ['bcc']);
  return missing === '' ? kept : withFieldsOnTop(kept, missing);
}
