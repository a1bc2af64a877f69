/** The node itself as the one who acts: methods and drafts are computed by it, whoever asked for them. */
import type { Caller } from "#record/record.ts";

export const nodeCaller: Caller = { agent: "Device/salus", display: "Salus", role: "system", filter: { kind: "all" }, canWrite: true };
