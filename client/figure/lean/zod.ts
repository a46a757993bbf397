/** zod/mini as far as the shapes of a trace use it, without the rest: what the teller's build puts in place of it. The same values come out, and the same first issue. */

/** `goes`: more may be checked of the value all the same. */
interface Issue {
  readonly code: string;
  readonly path: (string | number)[];
  readonly message: string;
  readonly goes?: boolean;
  readonly expected?: string;
  readonly values?: readonly unknown[];
  readonly origin?: string;
  readonly maximum?: number;
  readonly minimum?: number;
}
type NewIssue = Partial<Issue> & { readonly code: string };
type Run = (value: unknown, issues: Issue[]) => unknown;
type Check = (value: unknown, report: (issue: NewIssue) => void) => void;
type Result =
  | { readonly success: true; readonly data: unknown }
  | { readonly success: false; readonly error: { readonly issues: readonly Issue[] } };
/** What an object does where the member is absent: leaves it out, or has a value for it. Undefined: it must be there. */
type Absent = 'optional' | 'defaulted' | undefined;

interface Schema {
  readonly run: Run;
  readonly absent: Absent;
  readonly shape: Shape;
  /** Values that a literal or an enumeration has. */
  readonly values: readonly unknown[];
  check(...checks: readonly Check[]): Schema;
  safeParse(value: unknown): Result;
}
type Shape = Readonly<Record<string, Schema>>;
type Members = Readonly<Record<string, unknown>>;

const issueOf = (issue: NewIssue): Issue => ({ message: 'Invalid input', path: [], ...issue });
const stops = (issues: readonly Issue[]): boolean => issues.some(({ goes }) => goes !== true);

/** Runs what is inside, at its place. */
function runAt(place: string | number, schema: Schema, value: unknown, issues: Issue[]): unknown {
  const inner: Issue[] = [];
  const result = schema.run(value, inner);
  for (const issue of inner) issues.push({ ...issue, path: [place, ...issue.path] });
  return result;
}

const isObject = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function schemaOf(run: Run, more: Partial<Pick<Schema, 'absent' | 'shape' | 'values'>> = {}): Schema {
  return {
    absent: undefined,
    shape: {},
    values: [],
    ...more,
    run,
    check: (...checks) =>
      schemaOf((value, issues) => {
        const own: Issue[] = [];
        const result = run(value, own);
        for (const check of checks)
          if (!stops(own)) check(result, issue => own.push(issueOf({ goes: true, ...issue })));
        issues.push(...own);
        return result;
      }, more),
    safeParse(value) {
      const issues: Issue[] = [];
      const data = run(value, issues);
      return issues.length === 0 ? { success: true, data } : { success: false, error: { issues } };
    },
  };
}

/** A value is let through as it is, or is of another type than expected. */
const typed = (expected: string, is: (value: unknown) => boolean): Schema =>
  schemaOf((value, issues) => {
    if (!is(value)) issues.push(issueOf({ code: 'invalid_type', expected }));
    return value;
  });

const oneOf = (values: readonly unknown[]): Schema =>
  schemaOf(
    (value, issues) => {
      if (!values.includes(value)) issues.push(issueOf({ code: 'invalid_value', values }));
      return value;
    },
    { values },
  );

// @__NO_SIDE_EFFECTS__
export const string = (): Schema => typed('string', value => typeof value === 'string');
// @__NO_SIDE_EFFECTS__
export const boolean = (): Schema => typed('boolean', value => typeof value === 'boolean');
// @__NO_SIDE_EFFECTS__
export const unknown = (): Schema => schemaOf(value => value);
// @__NO_SIDE_EFFECTS__
export const literal = (given: unknown): Schema => oneOf(Array.isArray(given) ? given : [given]);
// @__NO_SIDE_EFFECTS__
const enumOf = (values: readonly unknown[]): Schema => oneOf(values);

export { enumOf as enum };

// @__NO_SIDE_EFFECTS__
export const int = (): Schema =>
  typed('number', Number.isFinite).check((value, report) => {
    const origin = 'int';
    if (!Number.isInteger(value)) report({ code: 'invalid_type', expected: origin, goes: false });
    else if (Number(value) > Number.MAX_SAFE_INTEGER)
      report({ code: 'too_big', origin, maximum: Number.MAX_SAFE_INTEGER });
    else if (Number(value) < Number.MIN_SAFE_INTEGER)
      report({ code: 'too_small', origin, minimum: Number.MIN_SAFE_INTEGER });
  });

/** Characters of a text, entries of a list. */
const sizeOf = (value: unknown): number =>
  typeof value === 'string' ? [...value].length : Array.isArray(value) ? value.length : 0;
const originOf = (value: unknown): string => (typeof value === 'string' ? 'string' : 'array');

// @__NO_SIDE_EFFECTS__
export const maxLength =
  (maximum: number, message?: string): Check =>
  (value, report) => {
    const isShort = typeof value === 'string' && value.length <= maximum;
    if (!isShort && sizeOf(value) > maximum)
      report({ code: 'too_big', origin: originOf(value), maximum, ...(message && { message }) });
  };
// @__NO_SIDE_EFFECTS__
export const minLength =
  (minimum: number): Check =>
  (value, report) => {
    if (sizeOf(value) < minimum) report({ code: 'too_small', origin: originOf(value), minimum });
  };
// @__NO_SIDE_EFFECTS__
export const maximum =
  (most: number): Check =>
  (value, report) => {
    if (Number(value) > most) report({ code: 'too_big', origin: 'number', maximum: most });
  };
// @__NO_SIDE_EFFECTS__
export const minimum =
  (least: number, message?: string): Check =>
  (value, report) => {
    if (Number(value) < least)
      report({ code: 'too_small', origin: 'number', minimum: least, ...(message && { message }) });
  };
// @__NO_SIDE_EFFECTS__
export const nonnegative = (): Check => minimum(0);
// @__NO_SIDE_EFFECTS__
export const regex =
  (pattern: RegExp, message?: string): Check =>
  (value, report) => {
    if (!pattern.test(String(value))) report({ code: 'invalid_format', ...(message && { message }) });
  };

// @__NO_SIDE_EFFECTS__
export const array = (item: Schema): Schema =>
  schemaOf((value, issues) => {
    if (Array.isArray(value)) return value.map((each, at) => runAt(at, item, each, issues));
    issues.push(issueOf({ code: 'invalid_type', expected: 'array' }));
    return value;
  });

/** With `rest`, one of each of `items` and as many of that as there are. */
// @__NO_SIDE_EFFECTS__
export const tuple = (items: readonly Schema[], rest?: Schema): Schema =>
  schemaOf((value, issues) => {
    if (!Array.isArray(value)) {
      issues.push(issueOf({ code: 'invalid_type', expected: 'tuple' }));
      return value;
    }
    const count = items.length;
    if (rest === undefined && value.length < count) {
      issues.push(issueOf({ code: 'too_small', origin: 'array', minimum: count }));
      return value;
    }
    if (rest === undefined && value.length > count)
      issues.push(issueOf({ code: 'too_big', origin: 'array', maximum: count }));
    // The library says first what is wrong with the rest.
    const others = rest ? value.slice(count).map((each, at) => runAt(count + at, rest, each, issues)) : [];
    return [...items.map((item, at) => runAt(at, item, value[at], issues)), ...others];
  });

// @__NO_SIDE_EFFECTS__
export const object = (shape: Shape): Schema =>
  schemaOf(
    (value, issues) => {
      if (!isObject(value)) {
        issues.push(issueOf({ code: 'invalid_type', expected: 'object' }));
        return value;
      }
      const made: Record<string, unknown> = {};
      for (const name in shape) {
        const member = shape[name];
        const isThere = name in value;
        if (member === undefined || (!isThere && member.absent === 'optional')) continue;
        const before = issues.length;
        const result = runAt(name, member, value[name], issues);
        if (issues.length > before) continue;
        if (!isThere && member.absent === undefined)
          issues.push(issueOf({ code: 'invalid_type', expected: 'nonoptional', path: [name] }));
        else made[name] = result;
      }
      return made;
    },
    { shape },
  );

// @__NO_SIDE_EFFECTS__
export const extend = (schema: Schema, shape: Shape): Schema => object({ ...schema.shape, ...shape });

// @__NO_SIDE_EFFECTS__
export const exactOptional = (inner: Schema): Schema => schemaOf(inner.run, { absent: 'optional' });
// @__NO_SIDE_EFFECTS__
export const optional = (inner: Schema): Schema =>
  schemaOf((value, issues) => (value === undefined ? value : inner.run(value, issues)), { absent: 'optional' });
// @__NO_SIDE_EFFECTS__
export const _default = (inner: Schema, given: unknown): Schema =>
  schemaOf(
    (value, issues) => {
      if (value !== undefined) return inner.run(value, issues);
      return typeof given === 'function' ? given() : Array.isArray(given) ? [...given] : given;
    },
    { absent: 'defaulted' },
  );

// @__NO_SIDE_EFFECTS__
export const union = (options: readonly Schema[]): Schema =>
  schemaOf((value, issues) => {
    const near: { readonly result: unknown; readonly own: readonly Issue[] }[] = [];
    for (const option of options) {
      const own: Issue[] = [];
      const result = option.run(value, own);
      if (own.length === 0) return result;
      if (!stops(own)) near.push({ result, own });
    }
    const [only, another] = near;
    // Of the right type and nothing else: then what is wrong with it can be said.
    if (only === undefined || another !== undefined) issues.push(issueOf({ code: 'invalid_union' }));
    else issues.push(...only.own);
    return value;
  });

// @__NO_SIDE_EFFECTS__
export const discriminatedUnion = (name: string, options: readonly Schema[]): Schema => {
  const found = new Map(options.flatMap(option => (option.shape[name]?.values ?? []).map(value => [value, option])));
  return schemaOf((value, issues) => {
    if (!isObject(value)) issues.push(issueOf({ code: 'invalid_type', expected: 'object' }));
    else {
      const option = found.get(value[name]);
      if (option) return option.run(value, issues);
      issues.push(issueOf({ code: 'invalid_union', path: [name] }));
    }
    return value;
  });
};

// @__NO_SIDE_EFFECTS__
export const transform = (make: (value: unknown, context: { readonly issues: NewIssue[] }) => unknown): Schema =>
  schemaOf((value, issues) => {
    const reported: NewIssue[] = [];
    const result = make(value, { issues: reported });
    for (const issue of reported) issues.push(issueOf(issue));
    return result;
  });

// @__NO_SIDE_EFFECTS__
export const pipe = (first: Schema, then: Schema): Schema =>
  schemaOf(
    (value, issues) => {
      const before = issues.length;
      const result = first.run(value, issues);
      return issues.length > before ? result : then.run(result, issues);
    },
    { absent: first.absent },
  );

// @__NO_SIDE_EFFECTS__
export const custom = (is: (value: unknown) => boolean): Schema =>
  unknown().check((value, report) => {
    if (!is(value)) report({ code: 'custom' });
  });
