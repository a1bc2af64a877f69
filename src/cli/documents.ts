/** The documents of a file or of standard input: one JSON or XML document, or one resource a line. */

/** Bytes of a document, or of a line of NDJSON. */
export const textLengthMax = 256 << 20;

/** `line` is undefined for a whole document. */
export type Piece = { text: Buffer; line: number | undefined };

/** NDJSON when the file is named so, or its first line is a whole JSON object and more follow; else one document. */
export async function* documents(source: NodeJS.ReadableStream, named: boolean): AsyncGenerator<Piece> {
  let isLines: boolean | undefined = named ? true : undefined;
  let first: Piece | undefined;
  let line = 0;
  const whole: Buffer[] = [];
  for await (const text of linesOf(source)) {
    line += 1;
    if (isLines === false) whole.push(newline, text);
    else if (text.toString("latin1").trim() === "") continue;
    else if (isLines) yield { text, line };
    else if (first) {
      isLines = true;
      yield first;
      first = undefined;
      yield { text, line };
    } else if (isObject(text)) first = { text, line };
    else { isLines = false; whole.push(text); }
  }
  if (first) yield { text: first.text, line: undefined };
  else if (isLines === false || (isLines === undefined && line === 0)) yield { text: Buffer.concat(whole), line: undefined };
}

const newline = Buffer.from("\n");

/** Bytes between line feeds: a text in JSON may hold other line ends. */
async function* linesOf(source: NodeJS.ReadableStream): AsyncGenerator<Buffer> {
  let open: Buffer[] = [];
  let length = 0;
  for await (const chunk of source) {
    let rest = Buffer.from(chunk);
    for (let end = rest.indexOf(10); end >= 0; end = rest.indexOf(10)) {
      open.push(rest.subarray(0, end));
      yield Buffer.concat(open);
      open = [];
      length = 0;
      rest = rest.subarray(end + 1);
    }
    open.push(rest);
    if ((length += rest.length) > textLengthMax) throw new Error(`a line is longer than ${textLengthMax} bytes`);
  }
  const last = Buffer.concat(open);
  if (last.length > 0) yield last;
}

function isObject(text: Buffer): boolean {
  try {
    return typeof JSON.parse(text.toString("utf8")) === "object";
  } catch {
    return false;
  }
}
