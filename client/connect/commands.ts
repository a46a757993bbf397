/** Lines for a terminal that reach this world's servers. Pure. */
import type { ConnectFacts } from '../../shared/api/world.ts';

/** For a POSIX shell: nothing in a word is special between single quotes but the quote itself. */
const quoted = (word: string): string => (/^[\w@.:/=+-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`);

/** Send with swaks, collect with curl, ask with dig, in the order one would try them. */
export function commandsFor({ submission, smtp, pop3, dns, users }: ConnectFacts): readonly string[] {
  const [writer] = users;
  const reader = users[1] ?? writer;
  if (writer === undefined || reader === undefined) return [];
  const domain = reader.address.slice(reader.address.lastIndexOf('@') + 1);
  return [
    `swaks --server ${submission.host}:${submission.port} --auth PLAIN --auth-user ${quoted(writer.user)} --auth-password ${quoted(writer.password)} --from ${quoted(writer.address)} --to ${quoted(reader.address)} --header 'Subject: Hello from a terminal'`,
    `swaks --server ${smtp.host}:${smtp.port} --from ${quoted(writer.address)} --to ${quoted(reader.address)}`,
    `curl --user ${quoted(`${reader.user}:${reader.password}`)} pop3://${pop3.host}:${pop3.port}/1`,
    `dig @${dns.host} -p ${dns.port} ${domain} MX`,
  ];
}
