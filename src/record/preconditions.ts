/**
 * If-Match and If-None-Match as FHIR uses them: weak entity tags whose text is the version.
 * Source: RFC 7232 sections 3.1 and 3.2, https://hl7.org/fhir/R4/http.html#concurrency
 */
import { fail, ok, type Result } from "#platform/result.ts";

/** "*": any state there is; else the versions named. */
export type Tags = "*" | readonly number[];

const tag = /^(?:W\/)?"([^"]*)"$/;

/** The tags of one header; undefined when it is absent. A tag that is no version of ours names nothing. */
export function tagsOf(name: string, header: string | undefined): Result<Tags | undefined> {
  if (header === undefined) return ok(undefined);
  const text = header.trim();
  if (text === "*") return ok("*");
  const versions: number[] = [];
  for (const part of text.split(",")) {
    const match = tag.exec(part.trim());
    if (!match) return fail("value", `${name} must be a version as in ETag, e.g. W/"3", or *.`);
    versions.push(/^[1-9]\d{0,8}$/.test(match[1]!) ? Number(match[1]) : -1);
  }
  return ok(versions);
}

/** Whether what the client holds is still what there is (304). If-None-Match, where sent, rules out If-Modified-Since. */
export function isUnchanged(headers: { "if-none-match"?: string | undefined; "if-modified-since"?: string | undefined }, version: number, lastUpdated: string): boolean {
  if (headers["if-none-match"] !== undefined) {
    const tags = tagsOf("If-None-Match", headers["if-none-match"]);
    return tags.ok && tags.value !== undefined && (tags.value === "*" || tags.value.includes(version));
  }
  const since = httpDate(headers["if-modified-since"]);
  // HTTP dates are whole seconds.
  return since !== undefined && Math.floor(Date.parse(lastUpdated) / 1000) * 1000 <= since;
}

const httpDateForms = [/^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/, /^[A-Z][a-z]{5,8}, \d{2}-[A-Z][a-z]{2}-\d{2} \d{2}:\d{2}:\d{2} GMT$/, /^[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d{2}:\d{2}:\d{2} \d{4}$/];

/** Epoch ms of the date of a header; a condition with any other text is ignored. Source: RFC 9110 sections 5.6.7, 13.1.3, 13.1.4 */
export function httpDate(text: string | undefined): number | undefined {
  if (text === undefined || !httpDateForms.some((form) => form.test(text))) return undefined;
  const at = Date.parse(text.endsWith("GMT") ? text : `${text} GMT`);
  return Number.isNaN(at) ? undefined : at;
}
