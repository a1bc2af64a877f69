/**
 * The browser test: a node of its own (`salus start` with a small demo population) and Debian's chromium, through
 * every file of this folder that exports `run(context)`. Without chromium it is skipped by name, unless
 * SALUS_REQUIRE_BROWSER is set. Last line: "N passed, N failed, N skipped".
 */
import { spawn, type ChildProcess } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath, pathToFileURL } from "node:url";
import { chromium, type Browser } from "playwright-core";
import { until } from "#platform/testing.ts";
import type { E2eContext } from "./context.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const executable = [process.env.CHROMIUM, "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find((path) => path !== undefined && existsSync(path));
const total = { passed: 0, failed: 0, skipped: 0 };

function end(): never {
  process.stdout.write(`browser: ${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped\n`);
  process.exit(total.failed === 0 ? 0 : 1);
}

if (executable === undefined) {
  if (process.env.SALUS_REQUIRE_BROWSER) {
    process.stdout.write("✖ chromium is not on this machine\n");
    total.failed += 1;
  } else {
    process.stdout.write("﹣ browser test skipped: chromium is not on this machine\n");
    total.skipped += 1;
  }
  end();
}

type Node = { url: string; child: ChildProcess; folder: string };

async function startNode(): Promise<Node> {
  const folder = mkdtempSync(join(tmpdir(), "salus-e2e-"));
  const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", join(root, "src/cli/main.ts"), "start", "--port", "0", "--data", folder, "--population", "14"], {
    cwd: root, stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, DATABASE_URL: "", SALUS_LOG_LEVEL: "warn" },
  });
  let said = "";
  const url = await new Promise<string>((done, failed) => {
    const look = (chunk: Buffer): void => {
      said += chunk.toString("utf8");
      const match = /(http:\/\/127\.0\.0\.1:\d+)/.exec(said);
      if (match) done(match[1]!);
    };
    child.stdout!.on("data", look);
    child.stderr!.on("data", look);
    child.once("exit", (code) => failed(new Error(`salus start ended with ${code}:\n${said}`)));
    setTimeout(() => failed(new Error(`salus start printed no address within 300 s:\n${said}`)), 300_000).unref();
  });
  await until(async () => {
    const session = (await (await fetch(`${url}/api/session`)).json()) as { node: { population?: { finished: boolean; failed?: string } } };
    if (session.node.population?.failed) throw new Error(`the demo population failed: ${session.node.population.failed}`);
    return session.node.population?.finished;
  }, "the end of the demo population");
  return { url, child, folder };
}

async function stopNode({ child, folder }: Node): Promise<void> {
  if (child.exitCode === null) {
    const ended = new Promise((done) => child.once("exit", done));
    child.kill("SIGTERM");
    await Promise.race([ended, sleep(20_000)]);
  }
  rmSync(folder, { recursive: true, force: true });
}

const screenshotDir = join(root, "test-results", "screenshots");
mkdirSync(screenshotDir, { recursive: true });
const axeSource = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

let node: Node | undefined;
let browser: Browser | undefined;
try {
  node = await startNode();
  browser = await chromium.launch({
    executablePath: executable, headless: true,
    args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
  });
  const opened = browser;
  const context: E2eContext = {
    baseUrl: node.url, screenshotDir, axeSource,
    async newPage({ width, height, language = "en", dark = false }) {
      const profile = await opened.newContext({ viewport: { width, height }, locale: language === "zh" ? "zh-CN" : "en-GB", colorScheme: dark ? "dark" : "light", timezoneId: "Asia/Shanghai", reducedMotion: "reduce" });
      profile.setDefaultTimeout(120_000);
      const page = await profile.newPage();
      return { page, context: profile, close: () => profile.close() };
    },
    async check(name, work) {
      try {
        await work();
        total.passed += 1;
        process.stdout.write(`✔ ${name}\n`);
      } catch (error) {
        total.failed += 1;
        process.stdout.write(`✖ ${name}\n    ${(error instanceof Error ? error.message : String(error)).slice(0, 1500).replaceAll("\n", "\n    ")}\n`);
      }
    },
  };
  for (const file of readdirSync(new URL(".", import.meta.url)).filter((name) => name.endsWith(".ts") && !["run.ts", "context.ts"].includes(name)).sort()) {
    const { run } = (await import(pathToFileURL(join(root, "test/e2e", file)).href)) as { run?: (context: E2eContext) => Promise<void> };
    await run?.(context);
  }
} catch (error) {
  total.failed += 1;
  process.stdout.write(`✖ the browser test could not run: ${error instanceof Error ? error.message : String(error)}\n`);
} finally {
  await browser?.close();
  if (node) await stopNode(node);
}
end();
