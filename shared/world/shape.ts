/** The shape and the bounds of a world and its faults as they stand in a file: what is let in before anything is looked up. */

import * as z from 'zod/mini';
import { fault } from '../faults/schema.ts';
import { dnsName, mailAddress, ownerName } from '../name-shape.ts';
import { SERVICE_KINDS } from '../protocols.ts';
import { DEFAULT_HEADER, DEFAULT_RETRY, MOST_HEADER_FIELDS, MOST_HEADER_OCTETS } from './world.ts';

/** What is shown in a row of its own: no control, and nothing that begins another line (Unicode §5.8). */
const ONE_LINE = z.regex(/^[^\p{Cc}\u2028\u2029]*$/u, 'must be one line, without control characters');
const shortText = z.string().check(z.minLength(1), z.maxLength(200), ONE_LINE);
const whole = z.int().check(z.nonnegative(), z.maximum(0xffff_ffff));
const list = <T extends z.core.SomeType>(item: T) => z.array(item).check(z.maxLength(10_000));
const nonEmpty = <T extends z.core.SomeType>(item: T) => z.tuple([item], item).check(z.maxLength(16));

/** More than any stage can show; every change to a host copies the row of them. */
const MOST_RECORDED_HOSTS = 256;

const host = z.object({
  id: dnsName,
  kind: z.enum(['client', 'server', 'visitor']),
  label: z.string().check(z.minLength(1), z.maxLength(24, 'must have at most 24 characters'), ONE_LINE),
  domain: z.exactOptional(dnsName),
  addresses: nonEmpty(z.string().check(z.maxLength(45))),
  services: list(z.enum(SERVICE_KINDS)),
  sends: z.exactOptional(z.enum(['lock-step', 'pipelined', 'chunked'])),
});

const named = { name: ownerName, ttl: whole };
const record = z.discriminatedUnion('type', [
  z.object({ ...named, type: z.enum(['A', 'AAAA']), data: z.string().check(z.maxLength(45)) }),
  z.object({ ...named, type: z.enum(['NS', 'CNAME', 'PTR']), data: ownerName }),
  z.object({
    ...named,
    type: z.literal('MX'),
    preference: z.int().check(z.nonnegative(), z.maximum(65_535)),
    // RFC 7505: the null MX is the root, written as an empty name.
    exchange: z.union([z.literal(''), z.literal('.'), ownerName]),
  }),
  z.object({ ...named, type: z.literal('TXT'), data: list(z.string().check(z.maxLength(255))) }),
]);
const zone = z.object({
  name: dnsName,
  soa: z.object({
    mname: dnsName,
    rname: ownerName,
    serial: whole,
    refresh: whole,
    retry: whole,
    expire: whole,
    minimum: whole,
    ttl: whole,
  }),
  records: list(record),
});

const user = z.object({
  address: mailAddress,
  name: shortText,
  client: dnsName,
  quota: z.exactOptional(z.int().check(z.nonnegative(), z.maximum(2 ** 40))),
  leaveOnServer: z.exactOptional(z.boolean()),
});
const alias = z.object({ address: mailAddress, targets: nonEmpty(mailAddress) });
const mailingList = z.object({
  address: mailAddress,
  name: shortText,
  owner: mailAddress,
  members: z.array(mailAddress).check(z.maxLength(1000)),
});

/** A year of world time. */
const seconds = z.int().check(z.nonnegative(), z.maximum(31_536_000));
const retry = z.object({ after: nonEmpty(seconds), giveUpAfter: seconds, warnAfter: seconds });

const shape = {
  name: shortText,
  hosts: z.array(host).check(z.maxLength(MOST_RECORDED_HOSTS)),
  domains: list(z.object({ name: dnsName, submission: dnsName, pop: dnsName, exchangers: list(dnsName) })),
  zones: list(zone),
  dns: dnsName,
  limits: z.object({
    messageSize: z
      .int()
      .check(z.minimum(65_536, 'must be at least 65536 octets (RFC 5321 §4.5.3.1.7)'), z.maximum(2 ** 30)),
    recipients: z.int().check(z.minimum(1), z.maximum(10_000)),
    hops: z.int().check(z.minimum(1), z.maximum(1000)),
    headerOctets: z._default(
      z.int().check(z.minimum(1000), z.maximum(MOST_HEADER_OCTETS)),
      DEFAULT_HEADER.headerOctets,
    ),
    headerFields: z._default(z.int().check(z.minimum(20), z.maximum(MOST_HEADER_FIELDS)), DEFAULT_HEADER.headerFields),
  }),
  // What older traces and hand-written worlds leave out.
  aliases: z._default(list(alias), []),
  lists: z._default(list(mailingList), []),
  retry: z._default(retry, () => {
    const after: [number, ...number[]] = [...DEFAULT_RETRY.after];
    return { ...DEFAULT_RETRY, after };
  }),
  seed: z._default(whole, 1),
  faults: z._default(z.array(fault).check(z.maxLength(200)), []),
  mistakes: z.exactOptional(z.literal('deliberate')),
};
export const publicWorld = z.object({ ...shape, users: list(user) });
export const privateWorld = z.object({
  ...shape,
  users: list(z.extend(user, { password: z.string().check(z.minLength(1), z.maxLength(255)) })),
});
