/** TLS to PostgreSQL (https://www.postgresql.org/docs/18/protocol-flow.html#PROTOCOL-FLOW-SSL), before the driver speaks. */
import { once } from "node:events";
import type { Socket } from "node:net";
import { Duplex } from "node:stream";
import { connect } from "node:tls";
import type { Tls } from "./address.ts";

/** SSLRequest: length and code. */
const request = Buffer.from([0, 0, 0, 8, 4, 210, 22, 47]);
const yes = "S".charCodeAt(0), no = "N".charCodeAt(0);

/**
 * The socket when it may be written to. Never rejects, for the driver would then wait for its connection for ever: a stream
 * comes that fails as a socket does.
 */
export async function secured(socket: Socket, tls: Tls, timeoutMs: number): Promise<Duplex> {
  const timer = setTimeout(() => { socket.destroy(new Error(`The database did not answer within ${timeoutMs / 1000} s`)); }, timeoutMs);
  try {
    return await negotiate(socket, tls);
  } catch (error) {
    socket.destroy();
    return failing(error as Error);
  } finally {
    clearTimeout(timer);
  }
}

async function negotiate(socket: Socket, { optional, direct, options }: Tls): Promise<Duplex> {
  await once(socket, "connect");
  if (!direct) {
    socket.write(request);
    const [answer] = await Promise.race([once(socket, "data"), once(socket, "end").then(() => [Buffer.alloc(0)])]) as [Buffer];
    if (answer.length === 1 && answer[0] === no && optional) return socket;
    if (answer.length === 1 && answer[0] === no) throw new Error("The database speaks no TLS, and its connection string asks for it (sslmode)");
    // More than one byte would be what somebody on the way put in before TLS.
    if (answer.length !== 1 || answer[0] !== yes) throw new Error("The database did not say whether it speaks TLS");
  }
  socket.removeAllListeners();
  const secure = connect({ ...options, socket });
  await once(secure, "secureConnect");
  return secure;
}

/** Swallows what is written until those who listen can be told. */
function failing(error: Error): Duplex {
  const stream = new Duplex({ read() {}, write(_chunk, _encoding, done) { done(); } });
  setImmediate(() => { stream.destroy(error); });
  return stream;
}
