/**
 * A driver's socket that sends what is written in one go of the program (until the queue of microtasks is empty) as one
 * message. The driver itself sends whenever a kilobyte has gathered, and a transaction of many statements then costs a
 * system call and a wake-up of PostgreSQL for each (docs/performance.md). Arrays in binary are put in here (bind-arrays.ts).
 */
import { Socket } from "node:net";
import { putArrays, serializeMarks, type Serializers } from "./bind-arrays.ts";

/** Of the driver's options. */
type Where = { host: string | readonly string[]; port: number | readonly number[]; path?: string | undefined; ssl?: unknown; serializers?: Serializers };

/** For the option `socket` of postgres(): connects to the one host (or Unix socket) the options name. */
export function tickSocket({ host, port, path, ssl, serializers }: Where): Socket {
  const socket = new Socket();
  if (path) socket.connect(path);
  else socket.connect(Number([port].flat()[0]), String([host].flat()[0]));
  const takesMarks = !ssl && serializers !== undefined;
  if (takesMarks) serializeMarks(serializers);
  let gathering = false;
  const write = socket.write.bind(socket);
  // Set now, for connect() puts the plain function back.
  socket.write = ((...args: Parameters<typeof write>) => {
    if (!gathering) {
      gathering = true;
      socket.cork();
      process.nextTick(() => {
        gathering = false;
        socket.uncork();
      });
    }
    if (takesMarks && Buffer.isBuffer(args[0])) args[0] = putArrays(args[0]);
    return write(...args);
  }) as typeof socket.write;
  return socket;
}

/** Whether a connection string names one host: with several, the driver itself goes from one to the next. */
export function namesOneHost(url: string): boolean {
  return !/^[a-z]+:\/\/[^/?]*,/.test(url);
}
