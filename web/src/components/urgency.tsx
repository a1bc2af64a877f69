/** Urgency as shape and word; colour only repeats them (readable in greyscale). */
import type { Urgency } from "#findings/finding.ts";
import { useWords } from "../texts/language.tsx";

const shapes: Record<Urgency, React.ReactNode> = {
  routine: <circle cx="8" cy="8" r="5" fill="none" stroke="currentColor" strokeWidth="1.6" />,
  soon: <><path d="M8 2 14 8 8 14 2 8Z" fill="none" stroke="currentColor" strokeWidth="1.6" strokeLinejoin="round" /><path d="M8 2 14 8 8 14Z" fill="currentColor" /></>,
  urgent: <path d="M8 1.8 15 14H1Z" fill="currentColor" stroke="currentColor" strokeLinejoin="round" />,
  emergency: <path d="M5.2 1h5.6L15 5.2v5.6L10.8 15H5.2L1 10.8V5.2ZM7.1 4v5h1.8V4Zm0 6.4v1.7h1.8v-1.7Z" fill="currentColor" fillRule="evenodd" />,
};

export function UrgencyMark({ urgency, word = true }: { urgency: Urgency; word?: boolean }) {
  const { text } = useWords();
  return (
    <span className={`urgency ${urgency}`}>
      <svg viewBox="0 0 16 16" width="14" height="14" aria-hidden="true">{shapes[urgency]}</svg>
      {word ? <span>{text.urgency[urgency]}</span> : <span className="visually-hidden">{text.urgency[urgency]}</span>}
    </span>
  );
}
