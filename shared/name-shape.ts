/** The shapes of names and addresses as they stand in a file. */
import * as z from 'zod/mini';

const NAME = /^(?!-)[a-z0-9_-]{1,63}(?<!-)(\.(?!-)[a-z0-9_-]{1,63}(?<!-))*$/;
const ADDRESS = /^[^\s@<>"\\,;:()[\]]{1,64}@[a-z0-9.-]{1,255}$/i;

/** The name of a host or a domain. */
export const dnsName = z
  .string()
  .check(z.maxLength(253), z.regex(NAME, 'must be a domain name in lower case, without the last dot'));

/** The name that a record of DNS stands under. */
export const ownerName = z
  .string()
  .check(
    z.maxLength(253),
    z.regex(/^(\*\.)?[a-z0-9_.-]+$/, 'must be a domain name in lower case, without the last dot'),
  );

export const mailAddress = z
  .string()
  .check(z.maxLength(254), z.regex(ADDRESS, 'must be a mail address, local-part@domain'));
