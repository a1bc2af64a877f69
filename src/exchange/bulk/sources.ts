/**
 * NDJSON behind an address, where the node's configuration allows it: `SALUS_IMPORT_URLS`, addresses that a source must
 * begin with, separated by commas. Nothing else is ever fetched, and no redirect is followed.
 */
import { fail, ok, type Failure, type Result } from "#platform/result.ts";

/** No byte for so long: the source is given up. */
const stallMs = 60_000;

/** Throws on what is no http(s) address: a list that is not understood must not seem to work. */
export function importSources(text: string | undefined): URL[] {
  return (text ?? "").split(",").map((one) => one.trim()).filter((one) => one !== "").map((one) => {
    const url = URL.parse(one);
    if (!url || !isWeb(url)) throw new Error(`SALUS_IMPORT_URLS: "${one.slice(0, 120)}" is no http or https address`);
    return url;
  });
}

function isWeb({ protocol }: URL): boolean {
  return protocol === "https:" || protocol === "http:";
}

/** The address, if one of the allowed ones contains it: same origin, and below the path, whole segments. */
export function sourceOf(text: string, allowed: readonly URL[]): Result<URL> {
  const url = URL.parse(text);
  if (!url || !isWeb(url)) return fail("value", `url: "${text.slice(0, 120)}" is no http or https address`);
  if (url.username || url.password) return fail("value", "url: an address with a user name or password is not taken");
  const inside = allowed.some((base) => {
    const folder = base.pathname.endsWith("/") ? base.pathname : `${base.pathname}/`;
    // An encoded slash or dot could lead out of the folder at the other end.
    return url.origin === base.origin && (url.pathname === base.pathname || url.pathname.startsWith(folder)) && !/%2e|%2f|%5c/i.test(url.pathname);
  });
  return inside ? ok(url) : fail("forbidden", `url: nothing is imported from ${url.origin}${url.pathname.slice(0, 120)}; the node's SALUS_IMPORT_URLS lists where from`);
}

export class SourceFault extends Error {
  readonly failure: Failure;
  constructor(text: string) {
    super(text);
    this.failure = { code: "processing", text };
  }
}

/** Its bytes as they come. Throws SourceFault when it cannot be read, or breaks off. */
export async function* bytesOf(url: URL, signal: AbortSignal): AsyncGenerator<Buffer> {
  const stalled = new AbortController();
  let timer = setTimeout(() => stalled.abort(), stallMs);
  try {
    const answer = await fetch(url, { redirect: "error", signal: AbortSignal.any([signal, stalled.signal]), headers: { accept: "application/fhir+ndjson, application/ndjson;q=0.9, */*;q=0.1" } });
    if (!answer.ok || !answer.body) throw new SourceFault(`${url.origin} answered ${answer.status}`);
    for await (const chunk of answer.body) {
      clearTimeout(timer);
      timer = setTimeout(() => stalled.abort(), stallMs);
      yield Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    }
  } catch (error) {
    if (error instanceof SourceFault || signal.aborted) throw error;
    throw new SourceFault(stalled.signal.aborted ? `${url.origin} sent nothing for ${stallMs / 1000} s` : `${url.origin} could not be read to the end (${(error as { cause?: { code?: string } }).cause?.code ?? "connection failed"})`);
  } finally {
    clearTimeout(timer);
  }
}
