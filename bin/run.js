// Runs one TypeScript file of the project after set-up: node bin/run.js FILE ARGS…
import { resolve } from "node:path";
import { findNode, installDependencies, prepare, root, runUnder } from "./setup.js";

installDependencies();
const node = findNode();
prepare(node, { web: false });
const [file = "", ...args] = process.argv.slice(2);
process.exitCode = await runUnder(node, [resolve(root, file), ...args]);
