/** Columns of a told run: many cells in few characters, and cells again, whoever wrote them. */

/** A number, the place of a string or of a row, or nothing. */
export type Cell = number | null;
export type Column = readonly Cell[];

/** As it stands in the file: one cell where all are equal, what each has more than the one before it, or each. */
export type WrittenColumn = Cell | { readonly by: Column } | Column;

/** Something in a file is not what its place asks for. */
export class Garbled extends Error {}

export function write(cells: Column): WrittenColumn {
  const [first = null] = cells;
  if (cells.every(cell => cell === first)) return first;
  if (!cells.every(cell => Number.isSafeInteger(cell))) return cells;
  const by = cells.map((cell, row) => Number(cell) - Number(cells[row - 1] ?? 0));
  return JSON.stringify({ by }).length < JSON.stringify(cells).length ? { by } : cells;
}

const isCell = (value: unknown): value is Cell => value === null || Number.isFinite(value);

function cellsOf(written: unknown): Column {
  if (Array.isArray(written) && written.every(isCell)) return written;
  throw new Garbled('A column holds something else than numbers.');
}

/** The `rows` cells of a column that was read; throws Garbled where it has more, fewer, or something else in them. */
export function read(written: unknown, rows: number): Column {
  if (isCell(written)) return new Array<Cell>(rows).fill(written);
  const rising = typeof written === 'object' && written !== null && 'by' in written;
  let cells = cellsOf(rising ? written.by : written);
  if (cells.length !== rows) throw new Garbled('A column is not as long as its table.');
  if (rising) {
    let sum = 0;
    cells = cells.map(more => {
      sum += Number(more);
      return sum;
    });
  }
  return cells;
}
