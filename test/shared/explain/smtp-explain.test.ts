/** Promises of the words for SMTP: what a line asks for besides is explained, and a status says what it means here. */
import { describe, expect, test } from 'vitest';
import { explainSmtpCommand, explainSmtpReply, meaningOf } from '../../../shared/explain/smtp.ts';

const labels = (text: string): string =>
  (explainSmtpCommand(text.split(' ')[0] ?? '', text)?.references ?? []).map(({ label }) => label).join(', ');

describe('the words for SMTP', () => {
  test('parameters of MAIL and RCPT bring their sentence and their section', () => {
    expect(labels('MAIL FROM:<a@b>')).toBe('RFC 5321 §4.1.1.2');
    expect(labels('MAIL FROM:<a@b> SIZE=1 ret=HDRS FROB')).toBe('RFC 5321 §4.1.1.2, RFC 1870 §3, RFC 3461 §4.3');
    expect(labels('RCPT TO:<"NOTIFY=>"@b> NOTIFY=NEVER')).toBe('RFC 5321 §4.1.1.3, RFC 3461 §4.1');
    expect(labels('DATA SIZE=1')).toBe('RFC 5321 §4.1.1.4');
    expect(explainSmtpCommand('FROB', 'FROB')).toBeNull();
  });

  test('the answer to EHLO says what the server can do besides', () => {
    const { sentence } = explainSmtpReply(250, '250-mx greets x\n250-PIPELINING\n250-X-FROB\n250 SIZE 1000');
    expect(sentence).toContain('PIPELINING (many commands at once), SIZE (a limit known beforehand).');
    expect(explainSmtpReply(250, '250 2.1.0 Ok').sentence).toMatch(/^Done as asked\. /);
  });

  test('one status means different things at different codes', () => {
    const meanings = ['451 4.7.1 Greylisted', '554 5.7.1 Relay denied', '550 5.7.1 no'].map(text =>
      meaningOf(Number(text.slice(0, 3)), text),
    );
    expect(meanings[0]).toContain('greylisting');
    expect(meanings[1]).toContain('strangers');
    expect(meanings[2]).toBe('Its rules do not let this sender do so.');
  });
});
