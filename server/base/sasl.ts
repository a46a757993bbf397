/** SASL as SMTP and POP3 use it: responses in base64, and PLAIN, `[authzid] NUL authcid NUL passwd` (RFC 4616 §2, RFC 4954 §4, RFC 5034 §4). */

export interface PlainCredentials {
  /** Whom the user wants to act as; '' is himself. */
  readonly authorizeAs: string;
  readonly user: string;
  readonly password: string;
}

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** The text of a response, '' for an empty one; null where it is not base64. */
export const decodeResponse = (response: string): string | null =>
  BASE64.test(response) ? Buffer.from(response, 'base64').toString('utf8') : null;

/** Null where the decoded response is not three fields with a user among them. */
export function plainCredentials(decoded: string): PlainCredentials | null {
  const fields = decoded.split('\0');
  const [authorizeAs, user, password] = fields;
  if (fields.length !== 3 || authorizeAs === undefined || user === undefined || password === undefined) return null;
  return user === '' ? null : { authorizeAs, user, password };
}

/** Null where it is not base64 or not three fields. */
export function decodePlain(response: string): PlainCredentials | null {
  const decoded = decodeResponse(response);
  return decoded === null ? null : plainCredentials(decoded);
}
