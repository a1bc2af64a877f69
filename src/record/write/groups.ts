/**
 * Work of several callers that is done together: what came in one turn of the program is one group. While a group is on
 * its way, another one goes only once it is worth its statements; so the more there is to do, the larger groups become.
 */
const draftsMax = 500;
const groupsMax = 2;
/** Drafts that a further statement at the same time is worth: small groups cost more than waiting for the one on its way. */
const worth = 8;

export class Groups<Job extends { readonly changes: readonly unknown[] }> {
  readonly #write: (jobs: readonly Job[]) => Promise<void>;
  readonly #queue: Job[] = [];
  #groups = 0;
  #gathering = false;

  /** `write` tells each job's caller; it never rejects. */
  constructor(write: (jobs: readonly Job[]) => Promise<void>) {
    this.#write = write;
  }

  add(job: Job): void {
    this.#queue.push(job);
    this.#group();
  }

  #group(): void {
    if (this.#gathering || this.#groups >= groupsMax || this.#groups > 0 && this.#queue.length < worth) return;
    this.#gathering = true;
    setImmediate(() => {
      this.#gathering = false;
      if (!this.#queue.length) return;
      let count = 0, jobs = 0;
      while (jobs < this.#queue.length && count < draftsMax) count += this.#queue[jobs++]!.changes.length;
      this.#groups++;
      void this.#write(this.#queue.splice(0, jobs)).finally(() => {
        this.#groups--;
        if (this.#queue.length) this.#group();
      });
    });
  }
}
