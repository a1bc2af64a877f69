/** Tables with a header: tab-separated (RF2) and comma-separated (LOINC). Rows come in blocks, cells by place. */
import { ReleaseFault } from "./fault.ts";
import { linesOf, pieces, type ReleaseFile } from "./files.ts";

export type Rows = { rows: string[][]; lines: number[] };

/** Every row has as many cells as the header; a row cut short is a fault. Tab-separated cells are never quoted. */
export async function* tabRows(file: ReleaseFile, header: readonly string[]): AsyncGenerator<Rows> {
  let isFirst = true;
  for await (const { lines, first } of linesOf(file)) {
    const rows: string[][] = [], numbers: number[] = [];
    for (let i = 0; i < lines.length; i++) {
      const cells = lines[i]!.split("\t");
      if (isFirst) {
        checkHeader(file, cells, header, "tabs");
        isFirst = false;
      } else if (lines[i] !== "") {
        if (cells.length !== header.length) throw new ReleaseFault(file.place, first + i, `${cells.length} columns, and the header has ${header.length}; the file was cut off or changed`);
        rows.push(cells);
        numbers.push(first + i);
      }
    }
    yield { rows, lines: numbers };
  }
  if (isFirst) throw new ReleaseFault(file.place, 1, "the file is empty");
}

/** The first line of a tab-separated file. */
export async function tabHeader(file: ReleaseFile): Promise<string[]> {
  for await (const { lines } of linesOf(file)) return lines[0]!.split("\t");
  throw new ReleaseFault(file.place, 1, "the file is empty");
}

function checkHeader(file: ReleaseFile, found: readonly string[], wanted: readonly string[], by: string): void {
  if (found.length !== wanted.length || wanted.some((name, i) => name !== found[i]))
    throw new ReleaseFault(file.place, 1, `the header reads "${found.join(" ").slice(0, 200)}"; expected, separated by ${by}: ${wanted.join(" ")}`);
}

/**
 * Rows of a comma-separated file as its own header names them, narrowed to `wanted` in that order; wanted columns must
 * be there. Cells may be quoted and hold commas, doubled quotes and line ends (RFC 4180).
 */
export async function* commaRows(file: ReleaseFile, wanted: readonly string[], optional: readonly string[] = []): AsyncGenerator<Rows> {
  let places: number[] | undefined, columns = 0;
  for await (const { rows, lines } of commaBlocks(file)) {
    const found: Rows = { rows: [], lines: [] };
    for (const [i, cells] of rows.entries()) {
      if (places === undefined) {
        const missing = wanted.filter((name) => !cells.includes(name));
        if (missing.length > 0) throw new ReleaseFault(file.place, 1, `the header has no column ${missing.join(", ")}; it reads "${cells.join(",").slice(0, 200)}"`);
        columns = cells.length;
        places = [...wanted, ...optional].map((name) => cells.indexOf(name));
      } else {
        if (cells.length === 1 && cells[0] === "") continue;
        if (cells.length !== columns) throw new ReleaseFault(file.place, lines[i], `${cells.length} columns, and the header has ${columns}; the file was cut off or changed`);
        found.rows.push(places.map((place) => (place < 0 ? "" : cells[place]!)));
        found.lines.push(lines[i]!);
      }
    }
    yield found;
  }
  if (places === undefined) throw new ReleaseFault(file.place, 1, "the file is empty");
}

const cellMax = 1 << 20;

async function* commaBlocks(file: ReleaseFile): AsyncGenerator<Rows> {
  let block: Rows = { rows: [], lines: [] };
  let row: string[] = [], cell = "", line = 1, rowLine = 1;
  let isQuoted = false, quotePending = false, isStart = true;
  const endRow = (): void => {
    row.push(cell.endsWith("\r") && !quotePending ? cell.slice(0, -1) : cell);
    block.rows.push(row);
    block.lines.push(rowLine);
    row = [];
    cell = "";
    isStart = true;
    quotePending = false;
    rowLine = line;
  };
  for await (const piece of pieces(file)) {
    let from = 0;
    for (let i = 0; i < piece.length; i++) {
      const c = piece.charCodeAt(i);
      if (isQuoted) {
        if (c === 10) line += 1;
        if (c !== 34) continue;
        cell += piece.slice(from, i);
        from = i + 1;
        isQuoted = false;
        quotePending = true;
      } else if (c === 34) {
        // A quote right after a closing one is a quote itself.
        if (quotePending) cell += '"';
        else if (!isStart) throw new ReleaseFault(file.place, line, 'a quotation mark within a cell that is not quoted; write it as "" in a quoted cell');
        from = i + 1;
        isQuoted = true;
        quotePending = false;
        isStart = false;
      } else if (c === 44) {
        row.push(cell + piece.slice(from, i));
        cell = "";
        from = i + 1;
        quotePending = false;
        isStart = true;
      } else if (c === 10) {
        cell += piece.slice(from, i);
        from = i + 1;
        line += 1;
        endRow();
      } else {
        if (quotePending && c !== 13) throw new ReleaseFault(file.place, line, "text after the end of a quoted cell");
        isStart = false;
      }
    }
    if (!(quotePending && piece.endsWith("\r"))) cell += piece.slice(from);
    if (cell.length > cellMax) throw new ReleaseFault(file.place, rowLine, `a cell has more than ${cellMax.toLocaleString("en")} characters; a quotation mark is missing`);
    yield block;
    block = { rows: [], lines: [] };
  }
  if (isQuoted) throw new ReleaseFault(file.place, rowLine, "a quoted cell is never closed; the file was cut off");
  if (cell !== "" || row.length > 0) endRow();
  yield block;
}
