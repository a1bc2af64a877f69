/**
 * Structured log (JSON lines, pino). Never PHI: requests are logged by route pattern, status and time, never by URL,
 * query, body or name; errors by where they arose and their code.
 */
import { pino, type Logger } from "pino";

export function openLog(options: { level?: string; pretty?: boolean } = {}): Logger {
  return pino({ level: options.level ?? process.env.SALUS_LOG_LEVEL ?? "info", base: null, timestamp: pino.stdTimeFunctions.isoTime });
}

/** Where an error arose, and its code (a SQLSTATE, ECONNREFUSED). Not its message, which may hold a value that was sent. */
export function traceOf(error: unknown): { stack: string; code?: string } {
  if (!(error instanceof Error)) return { stack: "not an Error" };
  const { code } = error as { code?: unknown };
  const places = (error.stack ?? "").split("\n").filter((line) => line.trimStart().startsWith("at ")).slice(0, 12);
  return { stack: [error.name, ...places].join("\n"), ...(typeof code === "string" ? { code } : {}) };
}
