/** What is drawn for a show: an id that the audience is given, and the secret that makes a speaker. */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** 96 bits, in 16 characters: nobody guesses it, and its QR code can be read from the last row. */
export const newId = (): string => randomBytes(12).toString('base64url');
export const newSecret = (): string => randomBytes(32).toString('base64url');

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/** Takes as long for a good guess as for a bad one. */
export const sameSecret = (one: string, other: string): boolean => timingSafeEqual(digest(one), digest(other));
