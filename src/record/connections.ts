/** Connections of the record to its database. */
import postgres from "postgres";
import { namesOneHost, tickSocket } from "#platform/database/tick-socket.ts";

/** A pool of at most `max`; `application`: what they are for, as pg_stat_activity shows it. */
export function connect(url: string, max: number, application: string, settings: Readonly<Record<string, string>> = {}): postgres.Sql {
  // The driver takes a maker of sockets, its types do not say so.
  const sockets: object = namesOneHost(url) ? { socket: tickSocket } : {};
  return postgres(url, {
    ...sockets, max, fetch_types: false, onnotice: () => {}, max_lifetime: null,
    // Statements here are short; compiling them would take longer than running them.
    connection: { application_name: `salus ${application}`, jit: "off", ...settings },
  });
}
