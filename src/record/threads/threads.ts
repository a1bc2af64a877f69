/**
 * Threads that take large transactions off the process's own thread, which then goes on answering reads while they are
 * parsed, checked and indexed. They are started by the first large transaction, and end when none has come for a while.
 * Whoever asks while none is ready does the work itself: nothing waits for a thread, and nothing depends on one.
 */
import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import type { Answer, AnswerTo, FromThread, Task, ToThread } from "./task.ts";
import type { ThreadData } from "./thread.ts";

/** Beside the process's own thread, and PostgreSQL, which waits for them half of the time. */
export const threadsDefault: number = Math.max(1, availableParallelism() - 1);

/** Of each. */
const connections = 4;
const idleMs = 60_000;
/** Of UTF-16 units: what is smaller is done sooner than it is handed to a thread and back. */
export const threadWorth: number = 1 << 16;

export type ThreadsOptions = {
  url: string;
  /** How many at most; 0 for none. */
  count: number;
  /** Told after each transaction, and whether it wrote SearchParameters. */
  written: (definitions: boolean) => void;
  onError: (error: unknown) => void;
};

type Enter = (keys: readonly string[]) => Promise<void>;
/** `run` rejects when the thread is lost on the way: whether it wrote is then unknown, as with a lost connection. `enter`: asked before a batch is written. */
export type ThreadOf = { run<T extends Task>(task: T, enter?: Enter): Promise<AnswerTo<T>> };

type Waiting = { resolve: (answer: Answer) => void; reject: (error: unknown) => void; enter: Enter };

class Thread {
  readonly worker: Worker;
  readonly waiting = new Map<number, Waiting>();
  readonly ended: Promise<void>;
  ready = false;
  closing = false;
  idle: NodeJS.Timeout | undefined;

  constructor(data: ThreadData) {
    this.worker = new Worker(new URL("./thread.ts", import.meta.url), { workerData: data });
    this.ended = new Promise((resolve) => { this.worker.once("exit", () => resolve()); });
    this.worker.unref();
  }

  say(message: ToThread): void {
    this.worker.postMessage(message);
  }
}

export class WritingThreads {
  readonly #options: ThreadsOptions;
  readonly #threads = new Set<Thread>();
  #number = 0;
  /** One that could not be started is not tried again. */
  #count: number;

  constructor(options: ThreadsOptions) {
    this.#options = options;
    this.#count = options.count;
  }

  /** The one with least to do; undefined where none is ready. `more`: so many beyond their count may be started. */
  take(more = 0): ThreadOf | undefined {
    const open = [...this.#threads].filter(({ closing }) => !closing);
    const ready = open.filter((thread) => thread.ready);
    const [free] = ready.sort((a, b) => a.waiting.size - b.waiting.size);
    if (ready.length === open.length && open.length < this.#count + (this.#count && more) && (!free || free.waiting.size > 0)) this.#start();
    return free && { run: (task, enter = async () => {}) => this.#give(free, task, enter) };
  }

  #give<T extends Task>(thread: Thread, task: T, enter: Enter): Promise<AnswerTo<T>> {
    return new Promise((resolve, reject) => {
      const number = this.#number++;
      // The answer to a task is of its kind: the thread sees to that.
      thread.waiting.set(number, { resolve: resolve as (answer: Answer) => void, reject, enter });
      this.#rest(thread);
      thread.say({ kind: "task", number, task });
    });
  }

  /** A thread with work keeps the process alive; one without does not, and ends after a while. */
  #rest(thread: Thread): void {
    clearTimeout(thread.idle);
    if (thread.waiting.size) { thread.worker.ref(); return; }
    thread.worker.unref();
    thread.idle = setTimeout(() => this.#end(thread), idleMs);
    thread.idle.unref();
  }

  #start(): void {
    const thread = new Thread({ url: this.#options.url, connections });
    this.#threads.add(thread);
    thread.worker.on("message", (message: FromThread) => this.#hear(thread, message));
    thread.worker.on("error", (error) => this.#lost(thread, error));
    thread.worker.on("exit", () => this.#lost(thread, new Error("A writing thread ended")));
  }

  #hear(thread: Thread, message: FromThread): void {
    switch (message.kind) {
      case "ready":
        thread.ready = true;
        this.#rest(thread);
        break;
      case "written":
        this.#options.written(message.definitions);
        break;
      case "keys":
        void thread.waiting.get(message.number)?.enter(message.keys).then(() => thread.say({ kind: "go", number: message.number }));
        break;
      case "answer": case "fault": {
        const waiting = thread.waiting.get(message.number);
        thread.waiting.delete(message.number);
        this.#rest(thread);
        if (message.kind === "answer") waiting?.resolve(message.answer);
        else waiting?.reject(new Error(message.message));
        break;
      }
    }
  }

  #lost(thread: Thread, error: unknown): void {
    if (!this.#threads.delete(thread)) return;
    clearTimeout(thread.idle);
    for (const { reject } of thread.waiting.values()) reject(error);
    if (thread.closing) return;
    if (!thread.ready) this.#count = 0;
    this.#options.onError(error);
  }

  #end(thread: Thread): Promise<void> {
    thread.closing = true;
    clearTimeout(thread.idle);
    if (thread.ready) thread.say({ kind: "close" });
    else void thread.worker.terminate();
    return thread.ended;
  }

  async close(): Promise<void> {
    this.#count = 0;
    await Promise.all([...this.#threads].map((thread) => {
      // Waited for: the process must not end before.
      thread.worker.ref();
      return this.#end(thread);
    }));
  }
}
