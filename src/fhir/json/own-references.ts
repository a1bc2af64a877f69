/**
 * References by an absolute address of this node, written as relative ones, so that both are found, followed and
 * guarded alike. Source: https://hl7.org/fhir/R4/search.html#reference (a relative reference and the absolute url it
 * resolves to are the same), https://hl7.org/fhir/R4/http.html#general (http and https name the same object)
 */
import { parseReference } from "../resource.ts";
import { rewriteReferences } from "./references.ts";

const defaultPort = /:(?:80|443)$/;

/** Every way to write the base of a node reached at `host` ("salus.example", "127.0.0.1:7272"); `path` begins with a slash. */
export function basesOf(host: string, path: string): string[] {
  const hosts = defaultPort.test(host) ? [host, host.replace(defaultPort, "")] : [host];
  return hosts.flatMap((one) => [`http://${one}${path}`, `https://${one}${path}`]);
}

/** `text`: JSON of a resource that is no Bundle (there, relative references are relative to the fullUrl). */
export function withOwnReferences(text: string, bases: readonly string[]): string {
  if (!bases.some((base) => text.includes(`"${base}/`))) return text;
  return rewriteReferences(text, (link) => {
    const base = bases.find((one) => link.startsWith(`${one}/`));
    const relative = base === undefined ? undefined : link.slice(base.length + 1);
    return relative !== undefined && parseReference(relative) ? relative : undefined;
  }, "reference");
}
