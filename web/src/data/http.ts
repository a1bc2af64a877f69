/**
 * The one way to the server. Failures are `Problem`s with a kind the screens have words for; what the server names goes
 * along as codes the screens word too (texts/failures.ts), with its own English. A 401 on anything but signing in raises `onSignedOut`, so that the page stays as it is
 * and asks to sign in again.
 */
import type { Reason } from "#platform/reason.ts";

export type ProblemKind = "signed-out" | "forbidden" | "not-found" | "conflict" | "throttled" | "invalid" | "offline" | "server";

/** One thing that is wrong: `why` is worded, else `code` is; `text` is the server's English. */
export type Detail = { code: string; text: string; why?: Reason };

export class Problem extends Error {
  readonly kind: ProblemKind;
  readonly status: number;
  readonly details: Detail[];
  readonly retryAfterSeconds: number | undefined;
  constructor(kind: ProblemKind, status: number, details: Detail[], retryAfterSeconds?: number) {
    super(details[0]?.text ?? kind);
    this.kind = kind; this.status = status; this.details = details; this.retryAfterSeconds = retryAfterSeconds;
  }
}

const listeners = new Set<() => void>();
export function onSignedOut(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function kindOf(status: number): ProblemKind {
  if (status === 401) return "signed-out";
  if (status === 403) return "forbidden";
  if (status === 404 || status === 410) return "not-found";
  if (status === 409 || status === 412) return "conflict";
  if (status === 429) return "throttled";
  return status < 500 ? "invalid" : "server";
}

type OutcomeIssue = { code?: string; diagnostics?: string; details?: { text?: string }; extension?: { url?: string; valueString?: string }[] };

/** The reason of an issue, where the server gave one the screens may word. */
export function reasonOf({ extension }: OutcomeIssue): Reason | undefined {
  const text = extension?.find(({ url }) => url?.endsWith("/failure-reason"))?.valueString;
  if (text === undefined) return undefined;
  try {
    const parsed = JSON.parse(text) as { code?: unknown } | null;
    return typeof parsed?.code === "string" ? (parsed as Reason) : undefined;
  } catch { return undefined; }
}

export function detailsOf(body: unknown): Detail[] {
  const issues = (body as { issue?: OutcomeIssue[] } | undefined)?.issue;
  return Array.isArray(issues) ? issues.map((issue) => { const why = reasonOf(issue); return { code: issue.code ?? "exception", text: issue.diagnostics ?? issue.details?.text ?? "", ...(why ? { why } : {}) }; }) : [];
}

type Options = { method?: "GET" | "POST" | "PUT" | "DELETE"; body?: unknown; signal?: AbortSignal; /** a password or link is being tried: 401 refuses it and says nothing of the session */ signingIn?: boolean };

export async function ask<T>(path: string, { method = "GET", body, signal, signingIn = false }: Options = {}): Promise<T> {
  let response: Response;
  try {
    response = await fetch(path, { method, signal: signal ?? null, credentials: "same-origin", headers: { accept: "application/json", ...(body === undefined ? {} : { "content-type": "application/json" }) }, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
  } catch (cause) {
    if (cause instanceof DOMException && cause.name === "AbortError") throw cause;
    throw new Problem("offline", 0, []);
  }
  const text = await response.text();
  let parsed: unknown;
  try { parsed = text === "" ? undefined : JSON.parse(text); } catch { parsed = undefined; }
  if (response.ok) {
    if (parsed === undefined && text !== "") throw new Problem("server", response.status, [{ code: "exception", text: `${path} answered something that is not JSON` }]);
    return parsed as T;
  }
  const problem = new Problem(signingIn && response.status === 401 ? "invalid" : kindOf(response.status), response.status, detailsOf(parsed), Number(response.headers.get("retry-after")) || undefined);
  if (problem.kind === "signed-out" && !signingIn) for (const listener of listeners) listener();
  throw problem;
}

export function query(parts: Record<string, string | number | undefined>): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(parts)) if (value !== undefined && value !== "") search.set(name, String(value));
  const text = search.toString();
  return text ? `?${text}` : "";
}
