/**
 * Structured log (JSON lines, pino). Never PHI: requests are logged by route pattern, status and time, never by URL,
 * query, body or name; errors by message and stack of our own code.
 */
import { pino, type Logger } from "pino";

export function openLog(options: { level?: string; pretty?: boolean } = {}): Logger {
  return pino({ level: options.level ?? process.env.SALUS_LOG_LEVEL ?? "info", base: null, timestamp: pino.stdTimeFunctions.isoTime });
}
