/** A name in both scripts: the reader's first, the other beside it. */
import type { Bilingual } from "#findings/finding.ts";
import { useWords } from "../texts/language.tsx";

export function PersonName({ name, both = true }: { name: Bilingual; both?: boolean }) {
  const { say, other } = useWords(), first = say(name), second = other(name);
  return <span className="name"><span className="name-first">{first}</span>{both && second && second !== first && <span className="name-second soft"> {second}</span>}</span>;
}
