#!/usr/bin/env node
// The entry of every command: sets up what is missing, then hands over to src/cli/main.ts.
import { join } from "node:path";
import { findNode, installDependencies, prepare, root, runUnder } from "./setup.js";

installDependencies();
const node = findNode();
const args = process.argv.slice(2);
prepare(node, { web: args[0] === "start" && !args.includes("--help") });
process.exitCode = await runUnder(node, [join(root, "src/cli/main.ts"), ...args]);
