/** A file to send along, made up where nobody has one at hand: any size, no pattern in it, and always the same for one name and size. */
import { createCipheriv, createHash } from 'node:crypto';

/** `octets`: its size before it is encoded. */
export interface AttachmentWanted {
  readonly name: string;
  readonly octets: number;
}

export const ATTACHMENT_LIMIT = 8 * 1024 * 1024;

/** The key stream of a cipher (AES in counter mode): as good as chance, and not left to chance. */
export function attachedOctets({ name, octets }: AttachmentWanted): Buffer {
  const key = createHash('sha256').update(`${octets} ${name}`, 'utf8').digest();
  return createCipheriv('aes-256-ctr', key, Buffer.alloc(16)).update(Buffer.alloc(octets));
}
