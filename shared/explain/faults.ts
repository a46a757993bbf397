/** Words for every fault, and where on the stage its mark belongs: for the list of faults, the marks, and the beat in which one strikes. */
import { SERVICES } from '../protocols.ts';
import type { Fault, FaultWhat, LineAt, LineVerb } from '../world/fault.ts';
import { assertNever, domainOf, type HostId, type PublicWorld } from '../world/world.ts';
import { span } from './spans.ts';
import { called, sentence } from './wording.ts';

const time = (milliseconds: number): string =>
  milliseconds < 1000 ? `${milliseconds} ms` : span(milliseconds * 1000).replace(/ and .*/, '');

/** Others are called by their verb. */
const MOMENTS: Readonly<Partial<Record<LineVerb, string>>> = {
  GREETING: 'its greeting',
  AUTH: 'the login',
  MAIL: 'MAIL FROM',
  RCPT: 'RCPT TO',
  'END-OF-DATA': 'the end of the letter',
};

/** POP3 has no reply codes. */
const isPop = ({ port }: LineAt): boolean => port === SERVICES.pop3.port;

/** At most five words: "Off", "Answers 451", "Loses the reply". */
export function faultLabel(fault: FaultWhat): string {
  switch (fault.kind) {
    case 'host-off':
      return 'Off';
    case 'host-silent':
      return 'Does not answer';
    case 'host-slow':
      return `Slow by ${time(fault.milliseconds)}`;
    case 'disk-full':
      return 'Disk full';
    case 'greylist':
      return 'Greylists strangers';
    case 'refuses-sender':
      return 'Refuses a sender';
    case 'lacks-extension':
      return `No ${fault.keyword}`;
    case 'mailbox-full':
      return 'Mailbox full';
    case 'wrong-password':
      return 'Wrong password';
    case 'answer':
      return isPop(fault.at) ? 'Answers -ERR' : `Answers ${fault.code}`;
    case 'delay':
      return `Waits ${time(fault.milliseconds)}`;
    case 'drop':
      return 'Hangs up';
    case 'reset':
      return 'Resets the connection';
    case 'cut':
      return 'Cuts the letter';
    case 'stall':
      return 'Stalls in the letter';
    case 'lose-reply':
      return 'Loses the reply';
    case 'slow-cable':
      return 'Slow cable';
    case 'dns-answer':
      return `Answers ${fault.rcode}`;
    case 'dns-silence':
      return 'Does not answer';
    case 'dns-truncate':
      return 'Cuts the answer';
    case 'dns-wrong-mx':
      return 'Names a wrong server';
    case 'dns-ttl':
      return `TTL of ${fault.seconds} s`;
    default:
      return assertNever(fault);
  }
}

/** Octets that a person can picture. */
const octets = (count: number): string => `${count.toLocaleString('en')} ${count === 1 ? 'octet' : 'octets'}`;

const asked = ({ name, type }: { readonly name: string; readonly type: string }): string =>
  type === 'any' ? `anything about ${name}` : `the ${type} record of ${name}`;

/** "the incoming server, at RCPT TO" */
function moment(world: PublicWorld, at: LineAt): string {
  const caller = at.client === undefined ? '' : `, when ${called(world, at.client)} calls`;
  return `${called(world, at.server)} at ${MOMENTS[at.verb] ?? at.verb}${caller}`;
}

/** One sentence that says what goes wrong, and how often. */
export function faultSentence(fault: Fault, world: PublicWorld): string {
  if (fault.kind === 'host-off' && fault.times === 'next')
    return `The next call to ${called(world, fault.host)} is refused.`;
  return `${sentence(clause(fault, world))}${fault.times === 'next' ? ', the next time' : ''}.`;
}

function clause(fault: FaultWhat, world: PublicWorld): string {
  switch (fault.kind) {
    case 'host-off':
      return `${called(world, fault.host)} is switched off`;
    case 'host-silent':
      return `${called(world, fault.host)} does not answer calls, so that whoever calls waits in vain`;
    case 'host-slow':
      return `${called(world, fault.host)} takes ${time(fault.milliseconds)} for each answer`;
    case 'disk-full':
      return `the disk of ${called(world, fault.host)} is full: it cannot keep a letter now`;
    case 'greylist':
      return `${called(world, fault.host)} sends strangers away until they come again after ${span(fault.seconds * 1_000_000)}`;
    case 'refuses-sender':
      return `${called(world, fault.host)} takes no mail from ${fault.sender}`;
    case 'lacks-extension':
      return `${called(world, fault.host)} does not know ${fault.keyword}`;
    case 'mailbox-full':
      return `the mailbox of ${fault.mailbox} is full`;
    case 'wrong-password':
      return `the mail client of ${fault.user} has a wrong password`;
    case 'answer':
      return isPop(fault.at) ? `-ERR from ${moment(world, fault.at)}` : `${fault.code} from ${moment(world, fault.at)}`;
    case 'delay':
      return `${time(fault.milliseconds)} of silence from ${moment(world, fault.at)}`;
    case 'drop':
      return `the line to ${moment(world, fault.at)} is hung up`;
    case 'reset':
      return `the line to ${moment(world, fault.at)} is reset`;
    case 'cut':
      return `the line to ${called(world, fault.at.server)} breaks after ${octets(fault.octets)} of the letter`;
    case 'stall':
      return `the line to ${called(world, fault.at.server)} falls silent after ${octets(fault.octets)} of the letter`;
    case 'lose-reply':
      return `the answer of ${moment(world, fault.at)} gets lost`;
    case 'slow-cable': {
      const [one, other] = fault.between;
      return `the cable between ${called(world, one)} and ${called(world, other)} is slow`;
    }
    case 'dns-answer':
      return `DNS answers ${fault.rcode} when asked for ${asked(fault)}`;
    case 'dns-silence':
      return `DNS does not answer when asked for ${asked(fault)}`;
    case 'dns-truncate':
      return `DNS cuts its answer short when asked for ${asked(fault)}`;
    case 'dns-wrong-mx':
      return `DNS names ${fault.exchange === '' ? 'nobody' : fault.exchange} as the server for ${fault.name}`;
    case 'dns-ttl':
      return `answers about ${fault.name} may be remembered for ${fault.seconds} s`;
    default:
      return assertNever(fault);
  }
}

export interface FaultPlace {
  /** The hosts that the mark belongs to; empty where it belongs to a cable. */
  readonly hosts: readonly HostId[];
  /** Who calls, and who is called. */
  readonly cable: readonly [HostId, HostId] | null;
}

const at = (...hosts: readonly (HostId | undefined)[]): FaultPlace => ({
  hosts: hosts.flatMap(host => (host === undefined ? [] : [host])),
  cable: null,
});

/** Where on the stage the mark of a fault belongs. A line fault for nobody in particular marks the cable of the usual caller. */
export function faultPlace(fault: FaultWhat, world: PublicWorld): FaultPlace {
  switch (fault.kind) {
    case 'host-off':
    case 'host-silent':
    case 'host-slow':
    case 'disk-full':
    case 'greylist':
    case 'refuses-sender':
    case 'lacks-extension':
      return at(fault.host);
    case 'mailbox-full':
      return at(world.domains.find(({ name }) => name === domainOf(fault.mailbox))?.pop);
    case 'wrong-password':
      return at(world.users.find(({ address }) => address.toLowerCase() === fault.user.toLowerCase())?.client);
    case 'answer':
    case 'delay':
    case 'drop':
    case 'reset':
    case 'cut':
    case 'stall':
    case 'lose-reply': {
      const { server } = fault.at;
      const client = fault.at.client ?? usualCaller(fault.at, world);
      return client === undefined ? at(server) : { hosts: [], cable: [client, server] };
    }
    case 'slow-cable':
      return { hosts: [], cable: fault.between };
    case 'dns-answer':
    case 'dns-silence':
    case 'dns-truncate':
    case 'dns-wrong-mx':
    case 'dns-ttl':
      return at(world.dns);
    default:
      return assertNever(fault);
  }
}

/** Of submission and POP3: the first user of a domain that the server works for; of an exchanger: an outgoing server of another domain, or else of its own. */
function usualCaller({ server, port }: LineAt, world: PublicWorld): HostId | undefined {
  const served = world.domains.filter(domain =>
    port === SERVICES.submission.port
      ? domain.submission === server
      : port === SERVICES.pop3.port
        ? domain.pop === server
        : domain.exchangers.includes(server),
  );
  const isServed = (name: string): boolean => served.some(domain => domain.name === name);
  if (port !== SERVICES.smtp.port) return world.users.find(user => isServed(domainOf(user.address)))?.client;
  const others = world.domains.filter(({ name, submission }) => !isServed(name) && submission !== server);
  return (others[0] ?? served.find(({ submission }) => submission !== server))?.submission;
}
