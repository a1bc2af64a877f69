/** NDJSON files of a job: written line by line into its outputs, in parts, so that no file is ever held whole. */
import type { JobRun } from "#record/jobs/jobs.ts";
import type { ManifestFile } from "#record/jobs/manifest.ts";

/** In which list of the manifest a file stands. */
export type FileList = "output" | "deleted" | "error";

const partCharacters = 1 << 20;
/** Lines of one file. */
const linesMax = 250_000;

type Open = ManifestFile & { list: FileList; count: number; parts: number; lines: string[]; characters: number };

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
      this.#open.set(key, file = { list, type, file: this.#files.length, count: 0, parts: 0, lines: [], characters: 0, ...(inputUrl === undefined ? {} : { inputUrl }) });
      this.#files.push(file);
    }
    file.lines.push(line);
    file.count++;
    file.characters += line.length + 1;
    if (file.characters >= partCharacters) await this.#flush(file);
  }

  /** Writes what is left and answers the files by list. */
  async finish(): Promise<Record<FileList, ManifestFile[]>> {
    const lists: Record<FileList, ManifestFile[]> = { output: [], deleted: [], error: [] };
    for (const file of this.#files) {
      await this.#flush(file);
      const { list, type, file: number, count, inputUrl } = file;
      lists[list].push({ type, file: number, count, ...(inputUrl === undefined ? {} : { inputUrl }) });
    }
    return lists;
  }

  async #flush(file: Open): Promise<void> {
    if (!file.lines.length) return;
    const text = `${file.lines.join("\n")}\n`;
    file.lines = [];
    file.characters = 0;
    await this.#run.write(file.file, file.parts++, text);
  }
}
