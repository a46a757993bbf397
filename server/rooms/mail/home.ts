/** Letters out of a host's own queue for its own mailboxes: reports to a list's owner, a colleague on the same server. They never cross a wire. */
import type { Domain, World } from '../../../shared/world/world.ts';
import { isSystemError } from '../../disk/durable.ts';
import type { Home } from '../../queue/delivery.ts';
import type { Fate } from '../../queue/fate.ts';
import type { Verdict } from '../../smtp/envelope.ts';
import { reply } from '../../smtp/reply.ts';
import { isBackup } from './destination.ts';
import { type Exchanger, takeIn } from './exchange.ts';
import { mayDeliverTo } from './rules.ts';

/** The disk's fault: nothing was kept, and it may go better later. */
function notNow(error: unknown): Verdict {
  if (!isSystemError(error)) throw error;
  return { ok: false, code: 451, enhanced: '4.3.0', text: 'The message could not be stored, try again later' };
}

const fateOf = (recipient: string, verdict: Verdict): Fate => {
  const own = { recipient, exchange: null, relayedWithDsn: true };
  if (verdict.ok)
    return { ...own, verdict: 'accepted', status: '2.0.0', cause: { code: 'delivered-here' }, reply: null };
  const { code, enhanced, text } = verdict;
  return {
    ...own,
    verdict: code >= 500 ? 'never' : 'later',
    status: enhanced,
    cause: { code: 'not-taken-here', reply: text },
    reply: reply(code, enhanced, text),
  };
};

/** The domains for which `host` has the last word in the world of now. */
const ownDomains = (world: World, { host, domains }: Pick<Exchanger, 'host' | 'domains'>): readonly Domain[] =>
  domains().filter(domain => !isBackup(world, domain, host));

export const homeOf = (exchanger: Exchanger): Home => ({
  takes: name => ownDomains(exchanger.world(), exchanger).some(domain => domain.name === name),
  async take({ envelope, ...letter }) {
    const { host, mailboxes } = exchanger;
    const door = { world: exchanger.world(), domains: exchanger.domains(), host, octets: mailboxes.octets };
    const asked = envelope.recipients.map(
      recipient => [recipient, mayDeliverTo(door, recipient, envelope.reversePath)] as const,
    );
    const welcome = asked.filter(([, verdict]) => verdict.ok).map(([recipient]) => recipient);
    const taken =
      welcome.length === 0
        ? ({ ok: true } as const)
        : await takeIn(exchanger, { ...letter, envelope: { ...envelope, recipients: welcome } }).catch(notNow);
    return asked.map(([recipient, verdict]) => fateOf(recipient, verdict.ok ? taken : verdict));
  },
});
