/** Work that is done one turn at a time: whoever asks while a turn runs gets one more after it, however many ask. */
export class Again {
  readonly #work: () => Promise<void>;
  readonly #onError: (error: unknown) => void;
  readonly #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;
  #asked = false;
  #closed = false;

  /** `everyMs`: asks for a turn of its own accord. `onError` is told of turns that failed, until `close`. */
  constructor(work: () => Promise<void>, onError: (error: unknown) => void, everyMs?: number) {
    this.#work = work;
    this.#onError = onError;
    if (everyMs === undefined) return;
    this.#timer = setInterval(() => this.ask(), everyMs);
    this.#timer.unref();
  }

  ask(): void {
    if (this.#closed) return;
    if (this.#running) { this.#asked = true; return; }
    this.#asked = false;
    this.#running = this.#work().catch((error: unknown) => { if (!this.#closed) this.#onError(error); }).finally(() => {
      this.#running = undefined;
      if (this.#asked) this.ask();
    });
  }

  /** No further turn begins; answers when the last one is over. */
  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#timer);
    await this.#running;
  }
}
