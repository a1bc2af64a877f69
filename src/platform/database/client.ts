/** One client of a database: the driver (postgres), with TLS as the connection string says it (address.ts). */
import postgres from "postgres";
import { databaseAddress, type DatabaseAddress } from "./address.ts";
import { secureTickSocket, tickSocket } from "./tick-socket.ts";

export type ClientOptions = NonNullable<Parameters<typeof postgres>[1]> & {
  /** Sends what is written in one go of the program as one message, and arrays in binary; to one host. */
  gathering?: boolean;
};

/** Throws, with a text for people, where the connection string cannot be followed. */
export function openClient(url: string, { gathering = false, ...options }: ClientOptions): postgres.Sql {
  const address = databaseAddress(url);
  if (!address.ok) throw new Error(address.failure.text);
  return postgres(address.value.url, { ...options, ...(gathering && address.value.oneHost ? gatheringSocket(address.value) : driverSocket(address.value)) });
}

/** The driver takes a maker of sockets, its types do not say so. */
function gatheringSocket({ tls }: DatabaseAddress): object {
  return { ssl: false, socket: tls ? (where: Parameters<typeof tickSocket>[0]) => secureTickSocket(where, tls) : tickSocket };
}

function driverSocket({ tls }: DatabaseAddress): object {
  // It goes on without TLS for the one word "prefer" only, and then verifies nothing.
  return { ssl: tls === undefined ? false : tls.optional ? "prefer" : tls.options, ...(tls?.direct ? { sslnegotiation: "direct" } : {}) };
}
