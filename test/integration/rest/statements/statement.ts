/** What a statement of the specification is here: its id, its force, what it asks in words of ours, and why it has no test. */
export type Force = "SHALL" | "SHALL NOT" | "SHOULD" | "rule";

/** A duty of clients, or a reason why this server does not do it. */
export type Untested = { readonly by: "client" } | { readonly not: string };

export type Statement = readonly [id: string, force: Force, words: string, untested?: Untested];

export const client: Untested = { by: "client" };

export function not(why: string): Untested {
  return { not: why };
}
