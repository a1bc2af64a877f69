/**
 * Requests that never reach a route: bytes that are no HTTP, headers that are too long or too late, and a Host that is
 * none. They too are answered by an OperationOutcome. Source: RFC 9110 section 7.2, RFC 9112 section 3.2, RFC 6585 section 5
 */
import { STATUS_CODES, type IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import type { FastifyInstance } from "fastify";
import type { Failure } from "#platform/result.ts";
import { fhirJson } from "./forms.ts";
import { outcomeOf, sendFailure } from "./outcome.ts";

/** Bytes of the first line and all headers: room for the long searches that clients send by GET. */
export const headersMax: number = 64 * 1024;

function answerTo(code: string | undefined): { status: number; failure: Failure } {
  switch (code) {
    case "HPE_HEADER_OVERFLOW": return { status: 431, failure: { code: "too-long", text: `Address and headers are longer than ${headersMax >> 10} KiB. A long search is sent by POST to _search, its parameters in the body.` } };
    case "ERR_HTTP_REQUEST_TIMEOUT": return { status: 408, failure: { code: "incomplete", text: "The request did not come to its end in time." } };
    default: return { status: 400, failure: { code: "invalid", text: "This is no HTTP request that can be read." } };
  }
}

/** For what Node cannot parse: there is no request to answer, only its socket. */
export function refuseUnparsed(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === "ECONNRESET" || socket.destroyed) return;
  const { status, failure } = answerTo(error.code);
  const body = outcomeOf(failure);
  if (socket.writable) socket.write(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\nContent-Length: ${Buffer.byteLength(body)}\r\nContent-Type: ${fhirJson}\r\n\r\n${body}`);
  socket.destroySoon();
}

/** A name or address with a port, as it stands in the addresses of answers. */
const host = /^(?:[A-Za-z0-9._~-]+|\[[0-9A-Fa-f:.]+\])?(?::\d{0,5})?$/;

/** A Host that is no host would break the addresses that are made with it; of two, somebody between us and the client may mean the other. */
export function refuseStrangeHosts(app: FastifyInstance): void {
  app.addHook("onRequest", (request, reply, done) => {
    const fault = host.test(request.host) ? hostFault(request.raw) : "The header Host is no host name or address.";
    if (fault === undefined) done();
    else sendFailure(reply, { code: "invalid", text: fault }, 400);
  });
}

function hostFault({ rawHeaders, httpVersion }: IncomingMessage): string | undefined {
  let count = 0;
  for (let i = 0; i < rawHeaders.length; i += 2) if (rawHeaders[i]!.length === 4 && rawHeaders[i]!.toLowerCase() === "host") count++;
  if (count > 1) return "The header Host stands there twice.";
  return count === 0 && httpVersion === "1.1" ? "HTTP/1.1 needs a header Host." : undefined;
}
