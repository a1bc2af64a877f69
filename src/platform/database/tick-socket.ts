/**
 * A driver's socket that sends what is written in one go of the program (until the queue of microtasks is empty) as one
 * message. The driver itself sends whenever a kilobyte has gathered, and a transaction of many statements then costs a
 * system call and a wake-up of PostgreSQL for each (docs/performance.md). Arrays in binary are put in here (bind-arrays.ts).
 */
import { Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { Tls } from "./address.ts";
import { putArrays, serializeMarks, type Serializers } from "./bind-arrays.ts";
import { secured } from "./secure.ts";

/** Of the driver's options; `connect_timeout` in seconds. */
type Where = { host: string | readonly string[]; port: number | readonly number[]; path?: string | undefined; connect_timeout?: number | null; serializers?: Serializers };

/** For the option `socket` of postgres(): connects to the one host (or Unix socket) the options name. */
export function tickSocket(where: Where): Socket {
  return gathering(connecting(where));
}

/** The same with TLS; over a Unix socket there is none. */
export async function secureTickSocket(where: Where, tls: Tls): Promise<Duplex> {
  const socket = connecting(where);
  return gathering(where.path ? socket : await secured(socket, tls, (where.connect_timeout ?? 30) * 1000));
}

function connecting({ host, port, path, serializers }: Where): Socket {
  const socket = new Socket();
  if (path) socket.connect(path);
  else socket.connect(Number([port].flat()[0]), String([host].flat()[0]));
  if (serializers) serializeMarks(serializers);
  return socket;
}

/** The same stream; its `write` is set now, for connect() puts the plain function back. */
function gathering<T extends Duplex>(stream: T): T {
  let gathering = false;
  const write = stream.write.bind(stream) as (...args: unknown[]) => boolean;
  stream.write = ((...args: unknown[]) => {
    if (!gathering) {
      gathering = true;
      stream.cork();
      process.nextTick(() => {
        gathering = false;
        stream.uncork();
      });
    }
    if (Buffer.isBuffer(args[0])) args[0] = putArrays(args[0]);
    return write(...args);
  }) as typeof stream.write;
  return stream;
}
