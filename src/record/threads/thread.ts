/**
 * The program of a writing thread: reads, checks, indexes and writes large transactions on connections of its own, as a
 * further process on the same database would. What it needs to know of others it finds out as they do: the epoch of the
 * search parameters and the time that may be stamped are settled by each writing statement.
 */
import { parentPort, workerData } from "node:worker_threads";
import { systemClock } from "#platform/clock.ts";
import { unreachable } from "#platform/result.ts";
import { runWriting } from "../bundle/bundle.ts";
import { distributedConnection } from "../citus/connection.ts";
import { isDistributed } from "../citus/distribute.ts";
import { connect } from "../connections.ts";
import { writeBatch } from "../import/batch-writer.ts";
import { KnownDefinitions } from "../parameters/definitions.ts";
import { Committer } from "../write/commit.ts";
import type { Answer, FromThread, Task, ToThread } from "./task.ts";

export type ThreadData = { url: string; connections: number };

const port = parentPort!;
const say = (message: FromThread): void => port.postMessage(message);

const { url, connections } = workerData as ThreadData;
const plain = connect(url, connections, "write");
const db = await isDistributed(plain) ? distributedConnection(plain) : plain;
// On a connection of their own: they are read while transactions hold the others.
const reader = connect(url, 1, "read");
const committer = new Committer(db, systemClock, new KnownDefinitions(reader), (definitions) => say({ kind: "written", definitions }));

/** By the number of the task: who waits to be told to go on. */
const waiting = new Map<number, () => void>();

async function answerTo(task: Task, number: number): Promise<Answer> {
  switch (task.kind) {
    case "transaction": return await runWriting(committer, task.caller, task.text, task.options) ?? "declined";
    case "batch": {
      const { caller, text, lengths, places, names } = task;
      let end = 0;
      const sources = lengths.map((length, i) => ({ place: places[i]!, text: text.slice(end, end += length) }));
      return await writeBatch(committer, caller, sources, names, (keys) => new Promise((resolve) => {
        waiting.set(number, resolve);
        say({ kind: "keys", number, keys });
      }));
    }
    default: return unreachable(task);
  }
}

port.on("message", (message: ToThread) => {
  switch (message.kind) {
    case "task": {
      const { number, task } = message;
      answerTo(task, number).then((answer) => say({ kind: "answer", number, answer }), (error: unknown) => say({ kind: "fault", number, message: error instanceof Error ? error.message : String(error) }));
      break;
    }
    case "go":
      waiting.get(message.number)?.();
      waiting.delete(message.number);
      break;
    case "close":
      void Promise.all([db, reader].map((one) => one.end({ timeout: 5 }))).finally(() => port.close());
      break;
  }
});
say({ kind: "ready" });
