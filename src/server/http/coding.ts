/**
 * Content codings: answers compressed for who asks, compressed bodies read. Bodies are unpacked as they come and
 * counted while they do, so a small body that unpacks to a huge one is refused at the limit.
 * A page of ours that is open beside a stranger's shares its cookie with what the stranger makes the browser send;
 * lengths of compressed answers would then tell of their contents. So only bearer tokens and open addresses get them.
 * Source: RFC 9110 sections 8.4 and 12.5.3; BREACH (https://breachattack.com)
 */
import { promisify } from "node:util";
import { brotliCompress, constants, createBrotliDecompress, createGunzip, createInflate, gzip } from "node:zlib";
import type { FastifyInstance } from "fastify";

export const readableCodings: readonly string[] = ["gzip", "br", "deflate", "identity", "x-gzip"];

/** Below this many characters the answer fits a packet or two as it is. */
const smallMax = 1400;

const compress = {
  // On a Bundle of Synthea a core packs 300 (gzip) and 700 MB/s (br) at these levels, to a tenth and less; the next ones save little for twice the time.
  br: (bytes: Buffer) => promisify(brotliCompress)(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 1, [constants.BROTLI_PARAM_MODE]: constants.BROTLI_MODE_TEXT, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length } }),
  gzip: (bytes: Buffer) => promisify(gzip)(bytes, { level: 3 }),
};

/** The coding for an Accept-Encoding header; undefined: as it is. */
export function codingFor(header: string): "br" | "gzip" | undefined {
  const quality = new Map<string, number>();
  for (const part of header.split(",")) {
    const [name = "", ...parameters] = part.split(";").map((word) => word.trim().toLowerCase());
    const q = parameters.find((word) => word.startsWith("q="));
    quality.set(name, q === undefined ? 1 : Number(q.slice(2)) || 0);
  }
  const of = (name: string): number => quality.get(name) ?? (name === "gzip" ? quality.get("x-gzip") : undefined) ?? quality.get("*") ?? 0;
  const br = of("br"), gz = of("gzip"), best = Math.max(br, gz);
  // Without a word for it, identity is as good as anything; said to be better, it is taken.
  return best === 0 || (quality.get("identity") ?? 0) > best ? undefined : br === best ? "br" : "gzip";
}

export function compressAnswers(app: FastifyInstance): void {
  app.addHook("onSend", (request, reply, payload, done) => {
    const accepted = request.headers["accept-encoding"];
    if (accepted === undefined || typeof payload !== "string" || payload.length < smallMax) { done(null, payload); return; }
    const vary = reply.getHeader("vary");
    reply.header("vary", vary === undefined ? "Accept-Encoding" : `${String(vary)}, Accept-Encoding`);
    const coding = request.headers.authorization !== undefined || request.routeOptions.config.open === true ? codingFor(String(accepted)) : undefined;
    if (coding === undefined || reply.hasHeader("content-encoding")) { done(null, payload); return; }
    compress[coding](Buffer.from(payload)).then((packed) => {
      reply.header("content-encoding", coding).removeHeader("content-length");
      done(null, packed);
    }, (error: Error) => done(error));
  });
}

/** Faults of the packed bytes answer 400; the limit of a body counts unpacked bytes. */
export function unpackBodies(app: FastifyInstance): void {
  app.addHook("preParsing", (request, _reply, payload, done) => {
    const coding = request.headers["content-encoding"]?.trim().toLowerCase();
    if (coding === undefined || coding === "identity") { done(null, payload); return; }
    const unpacked = Object.assign(coding === "br" ? createBrotliDecompress() : coding.endsWith("gzip") ? createGunzip() : createInflate(), { receivedEncodedLength: 0 });
    payload.on("data", (chunk: Buffer) => { unpacked.receivedEncodedLength += chunk.length; });
    payload.on("error", (error) => unpacked.destroy(error));
    unpacked.on("error", (error) => Object.assign(error, { statusCode: 400, message: `The body is not ${coding} data: ${error.message}.` }));
    done(null, payload.pipe(unpacked));
  });
}
