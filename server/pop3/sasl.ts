/** The one SASL mechanism that POP3 offers here, PLAIN: `[authzid] NUL authcid NUL passwd` in base64 (RFC 4616 §2, RFC 5034 §4). */

export interface PlainCredentials {
  /** Whom the user wants to act as; '' is himself. */
  readonly authorizeAs: string;
  readonly user: string;
  readonly password: string;
}

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** Null where it is not base64 or not three fields. */
export function decodePlain(response: string): PlainCredentials | null {
  if (!BASE64.test(response)) return null;
  const fields = Buffer.from(response, 'base64').toString('utf8').split('\0');
  const [authorizeAs, user, password] = fields;
  if (fields.length !== 3 || authorizeAs === undefined || user === undefined || password === undefined) return null;
  return user === '' ? null : { authorizeAs, user, password };
}
