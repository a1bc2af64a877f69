/** Progress of a long piece of work, for the page, the terminal and the log. */
export type ProgressReport = { label: { en: string; zh: string }; done: number; total: number; finished: boolean; failed?: string };

/** A one-line bar on a terminal; nothing on a pipe, so that logs stay clean. */
export function progressBar(stream: NodeJS.WritableStream & { isTTY?: boolean }, label: string): { update(done: number, total: number, note?: string): void; end(): void } {
  let last = 0;
  return {
    update(done, total, note = "") {
      const now = Date.now();
      if (!stream.isTTY || (now - last < 100 && done < total)) return;
      last = now;
      const share = total > 0 ? Math.min(1, done / total) : 0;
      const filled = Math.round(share * 30);
      stream.write(`\r\u001b[2K${label} ${"█".repeat(filled)}${"░".repeat(30 - filled)} ${(share * 100).toFixed(0).padStart(3)} % ${note}`);
    },
    end() {
      if (stream.isTTY) stream.write("\n");
    },
  };
}
