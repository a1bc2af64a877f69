/** Waiting in tests: for what is asked, never for a time that something is thought to take. */
import { setTimeout as sleep } from "node:timers/promises";

/** Ms between two questions, and how many are asked. Counted, so that time in which the whole process stood still is no patience lost. */
const everyMs = 20, questions = 9000;

/** Asks until the answer is neither undefined nor false, for three minutes at least; then throws, naming `what`. */
export async function until<T>(found: () => T | undefined | false | Promise<T | undefined | false>, what = "what was waited for"): Promise<T> {
  for (let asked = 0; asked < questions; asked++) {
    const value = await found();
    if (value !== undefined && value !== false) return value;
    await sleep(everyMs);
  }
  throw new Error(`${what} did not come about`);
}
