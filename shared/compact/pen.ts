/** Writes the tables of a told run: what is equal is written once. Stands by itself, for a figure only reads. */
import { type Book, type Fields, type Kind, LONGEST, type Pen, Table } from './book.ts';
import { type Cell, type Column, write } from './columns.ts';

/** One table, or all lists of one kind, as far as they are written. */
interface Written {
  /** Answers the row of these cells. */
  add(cells: Column): number;
  save(): readonly unknown[];
}

class WrittenTable implements Written {
  private count = 0;
  private readonly columns: Cell[][] = [];

  add(cells: Column): number {
    for (const [index, cell] of cells.entries()) {
      this.columns[index] ??= [];
      this.columns[index].push(cell);
    }
    return this.count++;
  }

  save(): readonly unknown[] {
    return [this.count, ...this.columns.map(write)];
  }
}

class WrittenLists implements Written {
  private readonly items: Cell[] = [];
  private readonly lengths: number[] = [];

  add(cells: Column): number {
    for (const cell of cells) this.items.push(cell);
    return this.lengths.push(cells.length) - 1;
  }

  save(): readonly unknown[] {
    return [this.items.length, write(this.items), this.lengths.length, write(this.lengths)];
  }
}

/** What has been written of one part of a book, and where what is equal to it stands. */
class Part {
  readonly written: Written;
  private readonly same = new WeakMap<object, number>();
  private readonly equal = new Map<string, number>();

  constructor(written: Written) {
    this.written = written;
  }

  /** Answers the row of a value, and adds one only where no equal value has been before. */
  rowOf(value: object, cellsOf: () => Column): number {
    const same = this.same.get(value);
    if (same !== undefined) return same;
    const cells = cellsOf();
    const key = cells.join();
    const row = this.equal.get(key) ?? this.written.add(cells);
    this.same.set(value, row);
    this.equal.set(key, row);
    return row;
  }
}

/** One file being written. */
export class FilePen implements Pen {
  private readonly parts: readonly Part[];
  private readonly places = new Map<string, number>();

  constructor(book: Book) {
    this.parts = book.parts.map(part => new Part(part instanceof Table ? new WrittenTable() : new WrittenLists()));
  }

  word(value: string): Cell {
    const text = value.slice(0, LONGEST);
    const place = this.places.get(text) ?? this.places.size;
    this.places.set(text, place);
    return place;
  }

  sequence<T extends object>(part: number, fields: Fields<T>, values: readonly T[]): null {
    for (const value of values) this.part(part).written.add(this.cellsOf(fields, value));
    return null;
  }

  record<T extends object>(part: number, fields: Fields<T>, value: T): Cell {
    return this.part(part).rowOf(value, () => this.cellsOf(fields, value));
  }

  list<T>(part: number, item: Kind<T>, values: readonly T[]): Cell {
    return this.part(part).rowOf(values, () => values.map(value => item.write(value, this)));
  }

  save(): { readonly words: readonly string[]; readonly parts: readonly unknown[] } {
    return { words: [...this.places.keys()], parts: this.parts.map(({ written }) => written.save()) };
  }

  private part(index: number): Part {
    const part = this.parts[index];
    if (part === undefined) throw new Error('the pen was made for another book');
    return part;
  }

  private cellsOf<T extends object>(fields: Fields<T>, value: T): Column {
    const cells: Cell[] = [];
    for (const name in fields) {
      const field = fields[name];
      if ('write' in field) cells.push(field.write(value[name], this));
    }
    return cells;
  }
}
