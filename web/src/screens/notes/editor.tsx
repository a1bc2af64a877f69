/** Editing sentence by sentence: a changed sentence keeps its sources and counts as written by a person. */
import type { DraftSection, Sentence } from "#server/api/contract.ts";
import { useWords } from "../../texts/language.tsx";

export function Editor({ sections, onChange }: { sections: DraftSection[]; onChange: (sections: DraftSection[]) => void }) {
  const { text, say } = useWords(), words = text.notes;
  const change = (code: string, to: (sentences: Sentence[]) => Sentence[]) => onChange(sections.map((section) => section.code === code ? { ...section, sentences: to(section.sentences) } : section));
  return (
    <div className="draft-sections">{sections.map((section) => (
      <section key={section.code}><h3>{say(section.title)}</h3>
        <ul>{section.sentences.map((sentence, i) => (
          <li key={i} className="editing"><textarea className="input" rows={Math.max(1, Math.ceil(sentence.text.length / 80))} aria-label={`${say(section.title)}, ${words.sentence} ${i + 1}`} value={sentence.text} onChange={(event) => change(section.code, (list) => list.map((one, n) => n === i ? { ...one, text: event.target.value, human: true } : one))} />
            <button type="button" className="button quiet" aria-label={`${words.remove} ${i + 1}`} title={words.remove} onClick={() => change(section.code, (list) => list.filter((_, n) => n !== i))}>✕</button></li>))}</ul>
        <button type="button" className="link small" onClick={() => change(section.code, (list) => [...list, { text: "", evidence: [], human: true }])}>{words.add}</button></section>))}</div>
  );
}
