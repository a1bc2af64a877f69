/** What is wrong with a release, and where; the door (`release.ts`) turns it into a failure. */
export class ReleaseFault extends Error {
  constructor(file: string, line: number | undefined, text: string) {
    super(`${file}${line === undefined ? "" : `, line ${line.toLocaleString("en")}`}: ${text}`);
  }
}
