/**
 * Whether an error says that PostgreSQL cannot be reached now: it is not there, starts or stops, takes no more connections,
 * or a connection was lost. Citus says the same (08006) of its workers. Codes: PostgreSQL, appendix A, classes 08 and 57P;
 * those in words are the driver's and the system's.
 */
const states = /^(?:08...|57P0[1235]|53300)$/;
const words = new Set(["CONNECTION_CLOSED", "CONNECTION_ENDED", "CONNECTION_DESTROYED", "CONNECT_TIMEOUT", "ECONNREFUSED", "ECONNRESET", "EPIPE", "EHOSTUNREACH", "ENETUNREACH", "ETIMEDOUT", "ENOTFOUND", "EAI_AGAIN"]);

export function isUnreachable(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code, cause } = error as Error & { code?: unknown };
  return typeof code === "string" && (states.test(code) || words.has(code)) || cause !== undefined && isUnreachable(cause);
}

/**
 * Whether the driver threw it from a timer: when the database goes away in the middle of a write it writes to a socket that it has
 * given up (postgres 3.4). Its queries are rejected as well, and it reconnects: no reason to stop serving.
 */
export function isThrownByDriver(error: Error): boolean {
  return /node_modules\/postgres\/src\/connection\.js/.test(error.stack?.split("\n")[1] ?? "");
}
