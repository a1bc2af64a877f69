/**
 * Writers of one process take turns on a resource, so that a busy one is not decided again and again. The database
 * alone decides between processes; this only saves lost attempts.
 */
export class Turns {
  readonly #last = new Map<string, Promise<void>>();

  /** Runs `work` after everything that was asked for under any of these keys before. */
  async take<T>(keys: readonly string[], work: () => Promise<T>): Promise<T> {
    const before = keys.flatMap((key) => this.#last.get(key) ?? []);
    let done = () => {};
    const mine = new Promise<void>((resolve) => { done = resolve; });
    // Queued for all keys in one step of the loop: two takers never wait for each other crosswise.
    for (const key of keys) this.#last.set(key, mine);
    try {
      await Promise.all(before);
      return await work();
    } finally {
      for (const key of keys) if (this.#last.get(key) === mine) this.#last.delete(key);
      done();
    }
  }
}
