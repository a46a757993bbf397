/** The shape of a fault as it stands in a file or in a request, made of the shapes of its fields. */

import * as z from 'zod/mini';
import { dnsName, mailAddress, ownerName } from '../name-shape.ts';
import { LINE_PORTS, MOMENTS } from '../protocols.ts';
import { FAULT_KINDS, FAULT_ROWS, type Fault, type FaultKind, hasItsFields, TIMES } from './fault.ts';
import {
  DNS_TYPES,
  EXTENSION_KEYWORDS,
  type FaultFields,
  type FieldName,
  LONGEST_REPLY_TEXT,
  MOST,
  RCODES,
  REFUSING_CODES,
  REPLY_TEXT,
} from './fields.ts';

const upTo = (most: number): z.ZodMiniNumber => z.int().check(z.nonnegative(), z.maximum(most));

const FIELDS: { readonly [Name in FieldName]: z.ZodMiniType<FaultFields[Name]> } = {
  host: dnsName,
  at: z.object({
    server: dnsName,
    port: z.literal(LINE_PORTS),
    verb: z.enum([...new Set(MOMENTS)]),
    client: z.exactOptional(dnsName),
  }),
  between: z.tuple([dnsName, dnsName]),
  name: ownerName,
  type: z.enum([...DNS_TYPES]),
  rcode: z.enum([...RCODES]),
  exchange: ownerName,
  sender: z.string().check(z.minLength(1), z.maxLength(254)),
  keyword: z.enum([...EXTENSION_KEYWORDS]),
  mailbox: mailAddress,
  user: mailAddress,
  text: z.string().check(z.maxLength(LONGEST_REPLY_TEXT), z.regex(REPLY_TEXT, 'must be one line of ASCII')),
  code: z.int().check(z.minimum(REFUSING_CODES.least), z.maximum(REFUSING_CODES.most)),
  octets: upTo(MOST.octets),
  milliseconds: upTo(MOST.milliseconds),
  seconds: upTo(MOST.seconds),
  latency: upTo(MOST.milliseconds),
  bytesPerSecond: upTo(MOST.octets),
};

const shapeOf = (kind: FaultKind) =>
  z.object({
    id: z.string().check(z.regex(/^[a-z0-9-]{1,24}$/)),
    times: z.enum([...TIMES]),
    kind: z.literal(kind),
    ...Object.fromEntries(FAULT_ROWS[kind].fields.map(name => [name, FIELDS[name]])),
  });

const [first, ...others] = FAULT_KINDS.map(shapeOf);
if (first === undefined) throw new Error('There is no kind of fault.');

export const fault = z.pipe(
  z.discriminatedUnion('kind', [first, ...others]),
  z.custom<Fault>(value => typeof value === 'object' && value !== null && hasItsFields(value)),
);
