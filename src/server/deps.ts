/** What the routes work with. Opened once by the start command, handed to every route group. */
import type { Logger } from "pino";
import type { Clock } from "#platform/clock.ts";
import type { ProgressReport } from "#platform/progress.ts";
import type { OpenRecord } from "#record/open.ts";
import type { Trust } from "#trust/trust.ts";
import type { NodeFacts } from "./facts.ts";

export type ServerDeps = {
  record: OpenRecord;
  trust: Trust;
  log: Logger;
  clock: Clock;
  node: { nameEn: string; nameZh: string; demo: boolean };
  /** The demo population while it streams in; undefined on a node without one. */
  population(): ProgressReport | undefined;
  /** Whether the database answers. */
  isReady(): Promise<boolean>;
  facts(): Promise<NodeFacts>;
  /** Addresses that $import may read from, and what lies below them; none unless configured. */
  importFrom?: readonly URL[];
  /** Origins whose pages may ask this node (CORS); none unless configured. */
  sharedWith?: readonly string[];
  /** Folder of the node's files: where the columnar mirror is. Without it SQL over the mirror is not offered. */
  dataFolder?: string;
  /** Folder of the built web application; undefined serves the API alone. */
  webFolder?: string;
};
