/** NDJSON files of a job: written line by line into its outputs, in parts, so that no file is ever held whole. */
import type { JobRun } from "#record/jobs/jobs.ts";

/** In which list of the manifest a file stands. */
export type FileList = "output" | "deleted" | "error";
export type BulkFile = { list: FileList; name: string; type: string; count: number; /** Place among the job's outputs. */ file: number; parts: number; /** Of an import: where its lines came from. */ inputUrl?: string };
/** `Job.result` of bulk jobs. */
export type BulkResult = { transactionTime: string; request: string; files: readonly BulkFile[]; /** Of an import. */ counts?: Readonly<Record<string, number>> };

const partCharacters = 1 << 20;
/** Lines of one file. */
const linesMax = 250_000;

type Open = BulkFile & { lines: string[]; characters: number };

export class BulkFiles {
  readonly #run: Pick<JobRun, "write">;
  readonly #files: Open[] = [];
  readonly #open = new Map<string, Open>();

  constructor(run: Pick<JobRun, "write">) {
    this.#run = run;
  }

  async add(list: FileList, type: string, line: string, inputUrl?: string): Promise<void> {
    const key = `${list} ${type} ${inputUrl ?? ""}`;
    let file = this.#open.get(key);
    if (!file || file.count >= linesMax) {
      if (file) await this.#flush(file);
      const number = this.#files.length;
      this.#open.set(key, file = { list, name: `${list === "output" ? "" : `${list}.`}${type}.${number}.ndjson`, type, count: 0, file: number, parts: 0, lines: [], characters: 0, ...(inputUrl === undefined ? {} : { inputUrl }) });
      this.#files.push(file);
    }
    file.lines.push(line);
    file.count++;
    file.characters += line.length + 1;
    if (file.characters >= partCharacters) await this.#flush(file);
  }

  /** Writes what is left and answers every file that has lines. */
  async finish(): Promise<BulkFile[]> {
    for (const file of this.#files) await this.#flush(file);
    return this.#files.map(({ lines: _lines, characters: _characters, ...file }) => file);
  }

  async #flush(file: Open): Promise<void> {
    if (!file.lines.length) return;
    const text = `${file.lines.join("\n")}\n`;
    file.lines = [];
    file.characters = 0;
    await this.#run.write(file.file, file.parts++, text);
  }
}
