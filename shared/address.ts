/** Mail addresses, as far as everybody takes them apart. */

/** The domain part of an address in lower case, or '' where there is none (RFC 5321 §2.4: domains are case-insensitive). */
export const domainOf = (address: string): string =>
  address.slice(address.lastIndexOf('@') + 1 || address.length).toLowerCase();
