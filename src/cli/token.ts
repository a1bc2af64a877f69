/** `salus token`: a bearer token for local use, on stdout alone, so that `$(npx salus token)` works. */
import { parseArgs } from "node:util";
import { openNode } from "#server/node.ts";
import type { Command } from "./command.ts";

const usage = `npx salus token [--as USER] [--hours N] [--data DIR] [--json]

  --as USER       the token of this account, with its reach; without it the local operator's, with an administrator's reach
  --hours N       how long it lasts (more than 0, at most 720; default 8)
  --data DIR      folder of the node's files (default .salus; DATABASE_URL is honoured)
  --json          {token, expires, account?: {username, role, agent}}

  curl -H "Authorization: Bearer $(npx salus token)" http://127.0.0.1:PORT/fhir/R4/Patient`;

export const command: Command = {
  name: "token",
  summary: "Print a bearer token for local use",
  usage,
  async run(args, io) {
    let words;
    try {
      words = parseArgs({ args: [...args], options: { as: { type: "string" }, hours: { type: "string", default: "8" }, data: { type: "string" }, json: { type: "boolean", default: false } } }).values;
    } catch (error) {
      io.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${usage}\n`);
      return 2;
    }
    const hours = /^\d+(\.\d+)?$/.test(words.hours) ? Number(words.hours) : NaN;
    if (Number.isNaN(hours)) {
      io.stderr.write(`--hours "${words.hours}" is not a number of hours\n`);
      return 2;
    }
    const node = await openNode(words.data === undefined ? {} : { folder: words.data });
    try {
      const account = words.as === undefined ? undefined : await node.trust.account(words.as);
      if (words.as !== undefined && !account) {
        io.stderr.write(`There is no account "${words.as}".\n`);
        return 1;
      }
      const issued = await node.trust.issueToken(account?.id, hours);
      if (!issued.ok) {
        io.stderr.write(`${issued.failure.text}\n`);
        return issued.failure.code === "value" ? 2 : 1;
      }
      const { token, expires } = issued.value;
      if (words.json) io.stdout.write(`${JSON.stringify({ token, expires, ...(account ? { account: { username: account.username, role: account.role, agent: account.agent } } : {}) })}\n`);
      else {
        io.stdout.write(`${token}\n`);
        io.stderr.write(`Ends ${expires}. Reach: ${account ? `${account.username}, ${account.role} (${account.agent})` : "the local operator, all of the record"}.\n`);
      }
      return 0;
    } finally {
      await node.close();
    }
  },
};
