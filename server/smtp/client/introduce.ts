/** How an SMTP client's conversation begins: greeting, EHLO or HELO, and where it is wanted AUTH. */
import type { Dialogue } from './dialogue.ts';
import { Decided, expectClass, ours } from './fate.ts';

/** Keywords of EHLO with their parameters, in upper case (RFC 5321 §4.1.1.1). */
export type Offers = ReadonlyMap<string, readonly string[]>;

/** Hears the greeting and says hello; what the server offers, nothing where only HELO is understood. */
export async function greet(
  dialogue: Dialogue,
  helloName: string,
  timeouts: { readonly greeting: number; readonly command: number },
): Promise<Offers> {
  expectClass(await dialogue.hear(timeouts.greeting), 2, 'host');
  const heard = await dialogue.ask(`EHLO ${helloName}`, timeouts.command);
  if (heard.kind === 'reply' && heard.reply.code >= 500) {
    expectClass(await dialogue.ask(`HELO ${helloName}`, timeouts.command), 2, 'host');
    return new Map();
  }
  const [, ...keywords] = expectClass(heard, 2, 'host').lines;
  return new Map(
    keywords.map(line => {
      const [keyword = '', ...parameters] = line.trim().toUpperCase().split(/ +/);
      return [keyword, parameters];
    }),
  );
}

const base64 = (text: string): string => Buffer.from(text).toString('base64');

/** The first mechanism of ours that is offered. */
export async function logIn(
  dialogue: Dialogue,
  offers: Offers,
  { user, password }: { readonly user: string; readonly password: string },
  timeout: number,
): Promise<void> {
  const mechanisms = offers.get('AUTH') ?? [];
  if (mechanisms.includes('PLAIN')) {
    expectClass(await dialogue.ask(`AUTH PLAIN ${base64(`\0${user}\0${password}`)}`, timeout), 2, 'letter');
  } else if (mechanisms.includes('LOGIN')) {
    expectClass(await dialogue.ask('AUTH LOGIN', timeout), 3, 'letter');
    expectClass(await dialogue.ask(base64(user), timeout), 3, 'letter');
    expectClass(await dialogue.ask(base64(password), timeout), 2, 'letter');
  } else throw new Decided(ours('5.7.4', { code: 'no-known-login' }));
}
