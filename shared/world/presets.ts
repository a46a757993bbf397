/** The worlds that come with mailscope. The default is small: Alice at blue.example writes to Bob at green.example, which has two MX hosts. */
import { DEFAULT_HEADER, DEFAULT_RETRY, type Soa, type World, type Zone, type ZoneRecord } from './world.ts';

const TTL = 3600;
const soa = (origin: string): Soa => ({
  mname: 'ns.root.example',
  rname: `hostmaster.${origin}`,
  serial: 2026112301,
  refresh: 7200,
  retry: 900,
  expire: 1209600,
  minimum: 300,
  ttl: TTL,
});
const zone = (name: string, records: readonly ZoneRecord[]): Zone => ({
  name,
  soa: soa(name),
  records: [{ name, ttl: TTL, type: 'NS', data: 'ns.root.example' }, ...records],
});
const a = (name: string, data: string): ZoneRecord => ({ name, ttl: TTL, type: 'A', data });
const mx = (name: string, preference: number, exchange: string): ZoneRecord => ({
  name,
  ttl: TTL,
  type: 'MX',
  preference,
  exchange,
});
const txt = (name: string, ...data: string[]): ZoneRecord => ({ name, ttl: TTL, type: 'TXT', data });
const ptr = (name: string, data: string): ZoneRecord => ({ name, ttl: TTL, type: 'PTR', data });

/** The world of "You’ve got mail". */
export const blueAndGreen: World = {
  name: 'blue.example → green.example',
  dns: 'ns.root.example',
  limits: { messageSize: 10_485_760, recipients: 100, hops: 100, ...DEFAULT_HEADER },
  retry: DEFAULT_RETRY,
  seed: 1,
  aliases: [],
  lists: [],
  faults: [],
  hosts: [
    {
      id: 'alices-laptop.blue.example',
      kind: 'client',
      label: 'Alice’s mail client',
      domain: 'blue.example',
      addresses: ['192.0.2.101'],
      services: [],
    },
    {
      id: 'smtp.blue.example',
      kind: 'server',
      label: 'Outgoing server',
      domain: 'blue.example',
      addresses: ['192.0.2.10'],
      services: ['submission'],
    },
    {
      id: 'mail.blue.example',
      kind: 'server',
      label: 'Alice’s mailbox',
      domain: 'blue.example',
      addresses: ['192.0.2.25'],
      services: ['smtp', 'pop3'],
    },
    { id: 'ns.root.example', kind: 'server', label: 'DNS', addresses: ['203.0.113.53'], services: ['dns'] },
    {
      id: 'mx1.green.example',
      kind: 'server',
      label: 'Incoming server',
      domain: 'green.example',
      addresses: ['198.51.100.25'],
      services: ['smtp'],
    },
    {
      id: 'mx2.green.example',
      kind: 'server',
      label: 'Backup MX',
      domain: 'green.example',
      addresses: ['198.51.100.26'],
      services: ['smtp'],
    },
    {
      id: 'pop.green.example',
      kind: 'server',
      label: 'Mailbox',
      domain: 'green.example',
      addresses: ['198.51.100.110'],
      services: ['pop3'],
    },
    {
      id: 'smtp.green.example',
      kind: 'server',
      label: 'Bob’s outgoing server',
      domain: 'green.example',
      addresses: ['198.51.100.10'],
      services: ['submission'],
    },
    {
      id: 'bobs-laptop.green.example',
      kind: 'client',
      label: 'Bob’s mail client',
      domain: 'green.example',
      addresses: ['198.51.100.101'],
      services: [],
    },
    {
      id: 'your-computer.example',
      kind: 'visitor',
      label: 'Your mail client',
      addresses: ['203.0.113.77'],
      services: [],
    },
  ],
  domains: [
    {
      name: 'blue.example',
      submission: 'smtp.blue.example',
      pop: 'mail.blue.example',
      exchangers: ['mail.blue.example'],
    },
    {
      name: 'green.example',
      submission: 'smtp.green.example',
      pop: 'pop.green.example',
      exchangers: ['mx1.green.example', 'mx2.green.example'],
    },
  ],
  users: [
    { address: 'alice@blue.example', name: 'Alice', password: 'alice-wonder-7', client: 'alices-laptop.blue.example' },
    { address: 'bob@green.example', name: 'Bob', password: 'bob-builds-4', client: 'bobs-laptop.green.example' },
  ],
  zones: [
    zone('blue.example', [
      mx('blue.example', 10, 'mail.blue.example'),
      txt('blue.example', 'v=spf1 ip4:192.0.2.10 -all'),
      a('smtp.blue.example', '192.0.2.10'),
      a('mail.blue.example', '192.0.2.25'),
      a('alices-laptop.blue.example', '192.0.2.101'),
    ]),
    zone('green.example', [
      mx('green.example', 10, 'mx1.green.example'),
      mx('green.example', 20, 'mx2.green.example'),
      txt('green.example', 'v=spf1 ip4:198.51.100.10 -all'),
      a('mx1.green.example', '198.51.100.25'),
      a('mx2.green.example', '198.51.100.26'),
      a('pop.green.example', '198.51.100.110'),
      a('smtp.green.example', '198.51.100.10'),
      a('bobs-laptop.green.example', '198.51.100.101'),
    ]),
    // Every name that nobody has taken ends here: DNS can say that it does not exist.
    zone('example', []),
    zone('root.example', [a('ns.root.example', '203.0.113.53')]),
    zone('2.0.192.in-addr.arpa', [
      ptr('10.2.0.192.in-addr.arpa', 'smtp.blue.example'),
      ptr('25.2.0.192.in-addr.arpa', 'mail.blue.example'),
      ptr('101.2.0.192.in-addr.arpa', 'alices-laptop.blue.example'),
    ]),
    zone('100.51.198.in-addr.arpa', [
      ptr('25.100.51.198.in-addr.arpa', 'mx1.green.example'),
      ptr('26.100.51.198.in-addr.arpa', 'mx2.green.example'),
      ptr('110.100.51.198.in-addr.arpa', 'pop.green.example'),
      ptr('10.100.51.198.in-addr.arpa', 'smtp.green.example'),
      ptr('101.100.51.198.in-addr.arpa', 'bobs-laptop.green.example'),
    ]),
    zone('113.0.203.in-addr.arpa', [ptr('53.113.0.203.in-addr.arpa', 'ns.root.example')]),
  ],
};
