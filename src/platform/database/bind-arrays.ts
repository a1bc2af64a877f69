/**
 * Arrays in binary through a driver that sends text only (postgres 3.4): in its Bind message stands a mark for each, and
 * the connection's socket (tick-socket.ts) puts the bytes in its place and says so in the message's list of formats
 * (https://www.postgresql.org/docs/18/protocol-message-formats.html, Bind). All else, such as errors, reconnecting and
 * transactions, stays the driver's. With several hosts, where the socket is its own, it sends each array's literal.
 */
import { randomBytes } from "node:crypto";
import { ArrayParameter, oids } from "./arrays.ts";

/** Arrays that are on their way, by number; free numbers are given again, so that a mark is a text that is there already. */
const marked: (ArrayParameter | undefined)[] = [];
const free: number[] = [];
/** What no text in PostgreSQL holds, and then what nobody can guess: a client's text is never taken for a mark. */
const markHead = `\0${randomBytes(9).toString("base64")}`;
const markOf: string[] = [];

/** For the driver: how to send parameters of a type, by its oid. */
export type Serializers = Record<number, (value: unknown) => unknown>;

/** From here on arrays go as their marks, while they have one. */
export function serializeMarks(serializers: Serializers): void {
  const serialize = (value: unknown): string => value instanceof ArrayParameter && value.mark !== undefined ? value.mark : String(value);
  for (const { array } of Object.values(oids)) serializers[array] = serialize;
}

/** Sends a statement; its arrays have marks until it is answered, for the driver may send it twice. */
export async function withMarks<T>(values: readonly unknown[], send: () => PromiseLike<T>): Promise<T> {
  const numbers: number[] = [];
  for (const value of values) if (value instanceof ArrayParameter) {
    const number = free.pop() ?? markOf.push(`${markHead}${markOf.length}`) - 1;
    marked[number] = value;
    value.mark = markOf[number];
    numbers.push(number);
  }
  try {
    return await send();
  } finally {
    for (const number of numbers) {
      marked[number]!.mark = undefined;
      marked[number] = undefined;
      free.push(number);
    }
  }
}

const bind = "B".charCodeAt(0);

/** Whole messages as the driver writes them, with arrays in the places of their marks. */
export function putArrays(messages: Buffer): Buffer {
  if (marked.length === free.length) return messages;
  const pieces: Buffer[] = [];
  let from = 0;
  for (let at = 0; at + 5 <= messages.length; ) {
    const end = at + 1 + messages.readUInt32BE(at + 1);
    const whole = messages[at] === bind && end <= messages.length ? bindWithArrays(messages.subarray(at, end)) : undefined;
    if (whole) {
      pieces.push(messages.subarray(from, at), whole);
      from = end;
    }
    at = end;
  }
  if (!pieces.length) return messages;
  pieces.push(messages.subarray(from));
  return Buffer.concat(pieces);
}

function arrayOfMark(text: string): ArrayParameter | undefined {
  return text.startsWith(markHead) ? marked[Number(text.slice(markHead.length))] : undefined;
}

/** undefined without marks. The driver's message has all formats as text: Int16 0 after the names. */
function bindWithArrays(message: Buffer): Buffer | undefined {
  const names = message.indexOf(0, message.indexOf(0, 5) + 1) + 1;
  if (message.readUInt16BE(names) !== 0) return undefined;
  const count = message.readUInt16BE(names + 2);
  const values: { mark: ArrayParameter | undefined; from: number; to: number }[] = [];
  let size = names + 4 + 2 * count, found = false, at = names + 4;
  for (let i = 0; i < count; i++) {
    const length = message.readInt32BE(at), from = at, to = at + 4 + Math.max(length, 0);
    const mark = length > markHead.length && message[at + 4] === 0 ? arrayOfMark(message.toString("latin1", at + 4, to)) : undefined;
    values.push({ mark, from, to });
    size += mark ? 4 + mark.bytes.length : to - from;
    found ||= mark !== undefined;
    at = to;
  }
  if (!found) return undefined;
  const out = Buffer.allocUnsafe(size + message.length - at);
  message.copy(out, 0, 0, names);
  out.writeUInt32BE(out.length - 1, 1);
  let into = out.writeUInt16BE(count, names);
  for (const { mark } of values) into = out.writeUInt16BE(mark ? 1 : 0, into);
  into = out.writeUInt16BE(count, into);
  for (const { mark, from, to } of values) {
    if (mark) {
      into = out.writeUInt32BE(mark.bytes.length, into);
      into += mark.bytes.copy(out, into);
    } else into += message.copy(out, into, from, to);
  }
  message.copy(out, into, at);
  return out;
}
