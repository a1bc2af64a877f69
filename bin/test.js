// `npm test`: set-up, then lint, type-check, unit, integration, external and browser tests (bin/test.ts).
import { join } from "node:path";
import { findNode, installDependencies, prepare, root, runUnder } from "./setup.js";

installDependencies();
const node = findNode();
prepare(node, { web: true });
process.exitCode = await runUnder(node, [join(root, "bin/test.ts"), ...process.argv.slice(2)]);
