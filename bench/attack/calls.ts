/** Calls of the API that attacks and the soak make. */

/** The answer's status and its JSON; status 0 where none came. */
export async function callApi(
  base: string,
  method: 'GET' | 'POST' | 'PUT' | 'DELETE',
  call: string,
  body?: unknown,
  within = 20_000,
): Promise<{ readonly status: number; readonly body: unknown }> {
  try {
    const response = await fetch(`${base}api/${call}`, {
      method,
      signal: AbortSignal.timeout(within),
      ...(body !== undefined && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, body: text === '' ? null : jsonOr(text) };
  } catch {
    return { status: 0, body: null };
  }
}

function jsonOr(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

export const member = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>)[name] : undefined;
