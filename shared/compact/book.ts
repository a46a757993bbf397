/** The tables of a told run: what is equal is written once (by pen.ts) and is one again when it is read; nothing in a file is trusted. */
import { type Cell, Garbled, read } from './columns.ts';

/** What writes a file. `part`: which of the book's parts a value goes to. */
export interface Pen {
  word(value: string): Cell;
  sequence<T extends object>(part: number, fields: Fields<T>, values: readonly T[]): Cell;
  record<T extends object>(part: number, fields: Fields<T>, value: T): Cell;
  list<T>(part: number, item: Kind<T>, values: readonly T[]): Cell;
}

/** How values of one type stand in a column. */
export interface Kind<T> {
  readonly write: (value: T, pen: Pen) => Cell;
  /** Throws Garbled. */
  readonly read: (cell: Cell) => T;
}

/** A field that is not in the file: what is read in its place, by the number of its row. */
interface Given<T> {
  readonly given: (row: number) => T;
}

type Field<T> = Kind<T> | Given<T>;
export type Fields<T> = { readonly [Key in keyof T]-?: Field<T[Key]> };

const numberIn = (cell: Cell): number => {
  if (cell === null) throw new Garbled('A number is missing.');
  return cell;
};

function at<T>(values: readonly T[], cell: Cell): T {
  const value = values[numberIn(cell)];
  if (value === undefined) throw new Garbled('Something is referred to that is not there.');
  return value;
}

export const number: Kind<number> = { write: value => value, read: numberIn };
export const flag: Kind<boolean> = { write: Number, read: cell => cell === 1 };
export const given = <T>(value: T): Given<T> => ({ given: () => value });
/** The number of its row, which is its index in the sequence that it is of. */
export const ordinal: Given<number> = { given: row => row };

export const orNull = <T>(kind: Kind<T>): Kind<T | null> => ({
  write: (value, pen) => (value === null ? null : kind.write(value, pen)),
  read: cell => (cell === null ? null : kind.read(cell)),
});

/** A property that need not be there. */
export const orAbsent = <T>(kind: Kind<T>): Kind<T | undefined> => ({
  write: (value, pen) => (value === undefined ? null : kind.write(value, pen)),
  read: cell => (cell === null ? undefined : kind.read(cell)),
});

export const oneOf = <T extends string | number>(...names: readonly T[]): Kind<T> => ({
  write: value => names.indexOf(value),
  read: cell => at(names, cell),
});

/** The same cells under another type. */
export const made = <T, Plain>(kind: Kind<Plain>, make: (plain: Plain) => T, plain: (value: T) => Plain): Kind<T> => ({
  write: (value, pen) => kind.write(plain(value), pen),
  read: cell => make(kind.read(cell)),
});

interface Part {
  load(saved: readonly unknown[], take: (rows: unknown) => number): void;
}

export class Table<T extends object> implements Part {
  readonly rows: T[] = [];
  private readonly fields: Fields<T>;

  constructor(fields: Fields<T>) {
    this.fields = fields;
  }

  load([count, ...saved]: readonly unknown[], take: (rows: unknown) => number): void {
    const rows = take(count);
    const columns: [name: string, valueAt: (row: number) => unknown][] = [];
    for (const name in this.fields) {
      const field = this.fields[name];
      if ('given' in field) columns.push([name, field.given]);
      else {
        const cells = rows === 0 ? [] : read(saved.shift(), rows);
        columns.push([name, row => field.read(cells[row] ?? null)]);
      }
    }
    for (let row = 0; row < rows; row += 1) {
      const values = columns.map(([name, valueAt]) => [name, valueAt(row)]);
      const whole: unknown = Object.fromEntries(values.filter(([, value]) => value !== undefined));
      if (this.isRow(whole)) this.rows.push(whole);
    }
  }

  /** Each of its properties has been read by the field of its name. */
  private isRow(value: unknown): value is T {
    return typeof value === 'object' && value !== null && Object.keys(value).every(name => name in this.fields);
  }
}

class Lists<T> implements Part {
  readonly lists: (readonly T[])[] = [];
  private readonly item: Kind<T>;
  private readonly most: number;

  constructor(item: Kind<T>, most: number) {
    this.item = item;
    this.most = most;
  }

  load([all, items, rows, lengths]: readonly unknown[], take: (rows: unknown) => number): void {
    const cells = read(items, take(all));
    let from = 0;
    for (const cell of read(lengths, take(rows))) {
      const length = numberIn(cell);
      if (!Number.isInteger(length) || length < 0 || length > Math.min(this.most, cells.length - from))
        throw new Garbled('A list is longer than it may be.');
      this.lists.push(cells.slice(from, from + length).map(this.item.read));
      from += length;
    }
  }
}

/** Longer strings are cut: nobody reads them in a figure. */
export const LONGEST = 20_000;

/** The kinds of one file. They are made anew for each, what is referred to before what refers to it. */
export class Book {
  /** In the order of the file. */
  readonly parts: Part[] = [];
  private words: readonly string[] = [];

  readonly text: Kind<string> = {
    write: (value, pen) => pen.word(value),
    read: cell => at(this.words, cell),
  };

  /** Rows in their order. There is one such sequence of them in the file. */
  sequence<T extends object>(fields: Fields<T>): Kind<readonly T[]> {
    const table = new Table(fields);
    const part = this.parts.push(table) - 1;
    return {
      write: (values, pen) => pen.sequence(part, fields, values),
      read: () => table.rows,
    };
  }

  /** Rows that are referred to. */
  record<T extends object>(fields: Fields<T>): Kind<T> {
    const table = new Table(fields);
    const part = this.parts.push(table) - 1;
    return {
      write: (value, pen) => pen.record(part, fields, value),
      read: cell => at(table.rows, cell),
    };
  }

  /** Lists that are referred to; longer ones than `most` are refused. */
  list<T>(item: Kind<T>, most = Number.POSITIVE_INFINITY): Kind<readonly T[]> {
    const lists = new Lists(item, most);
    const part = this.parts.push(lists) - 1;
    return {
      write: (values, pen) => pen.list(part, item, values),
      read: cell => at(lists.lists, cell),
    };
  }

  /** `most`: as many rows and items are read, all in all. Throws Garbled. */
  load(words: unknown, parts: unknown, most: number): void {
    if (!Array.isArray(words) || !words.every(word => typeof word === 'string' && word.length <= LONGEST))
      throw new Garbled('Its words are not words.');
    if (!Array.isArray(parts) || parts.length !== this.parts.length) throw new Garbled('A table is missing.');
    this.words = words;
    let left = most;
    const take = (rows: unknown): number => {
      if (typeof rows !== 'number' || !Number.isInteger(rows) || rows < 0 || rows > left)
        throw new Garbled('A table has more rows than it may have.');
      left -= rows;
      return rows;
    };
    for (const [index, part] of this.parts.entries()) {
      const saved: unknown = parts[index];
      if (!Array.isArray(saved)) throw new Garbled('A table is none.');
      part.load(saved, take);
    }
  }
}
