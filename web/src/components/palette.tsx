/** Command palette (Ctrl/⌘ K): people, pages and actions in both languages, by keyboard alone. */
import { useInfiniteQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useId, useRef, useState, type KeyboardEvent } from "react";
import { peopleQuery } from "../data/queries.ts";
import { signOut, useAccount } from "../state/session.tsx";
import { useSettled } from "../state/hooks.ts";
import { setTheme } from "../state/theme.ts";
import { en } from "../texts/en.ts";
import { zh } from "../texts/zh.ts";
import { useWords } from "../texts/language.tsx";
import { Dialog } from "./dialog.tsx";
import { usePlaces } from "./frame.tsx";

type Entry = { id: string; group: string; label: string; detail?: string; /** what typing matches, in both languages */ words: string; run: () => void };

export default function Palette({ onClose }: { onClose: () => void }) {
  const { text, say, other, language, setLanguage, format } = useWords(), account = useAccount(), places = usePlaces(account), navigate = useNavigate();
  const [typed, setTyped] = useState(""), [active, setActive] = useState(0);
  const settled = useSettled(typed.trim(), 120), list = useId(), listRef = useRef<HTMLDivElement>(null);
  const found = useInfiniteQuery({ ...peopleQuery(settled), enabled: settled.length > 0 });
  const words = text.command;
  const fixed: Entry[] = [
    ...places.map((place) => { const key = place.to.slice(1) as "worklist" | "people" | "signals" | "ledger" | "administration"; return { id: place.to, group: words.pages, label: place.label, words: `${en.nav[key]} ${zh.nav[key]}`, run: () => void navigate({ to: place.to }) }; }),
    { id: "language", group: words.actions, label: words.language, words: `${en.command.language} ${zh.command.language} language 语言`, run: () => setLanguage(language === "en" ? "zh" : "en") },
    { id: "dark", group: words.actions, label: words.themeDark, words: `${en.command.themeDark} ${zh.command.themeDark}`, run: () => setTheme("dark") },
    { id: "light", group: words.actions, label: words.themeLight, words: `${en.command.themeLight} ${zh.command.themeLight}`, run: () => setTheme("light") },
    { id: "out", group: words.actions, label: text.nav.signOut, words: `${en.nav.signOut} ${zh.nav.signOut}`, run: () => void signOut().then(() => navigate({ to: "/signin" })) },
  ];
  const needle = typed.trim().toLowerCase();
  const people: Entry[] = settled === "" ? [] : (found.data?.pages[0]?.people ?? []).slice(0, 8).map((person) => ({ id: person.id, group: words.people, label: say(person.name), detail: [other(person.name), person.birthDate && format.date(person.birthDate), person.mrn].filter(Boolean).join(" · "), words: "", run: () => void navigate({ to: "/people/$id", params: { id: person.id } }) }));
  const entries = [...people, ...fixed.filter((entry) => needle === "" || entry.words.toLowerCase().includes(needle))];
  const current = Math.min(active, entries.length - 1);
  const choose = (entry: Entry | undefined) => { if (!entry) return; onClose(); entry.run(); };
  const move = (to: number) => { setActive(to); listRef.current?.querySelectorAll("[role=option]")[to]?.scrollIntoView({ block: "nearest" }); };
  const keys = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return; // Enter chooses a Chinese candidate first
    if (event.key === "ArrowDown") { event.preventDefault(); move(Math.min(entries.length - 1, current + 1)); }
    else if (event.key === "ArrowUp") { event.preventDefault(); move(Math.max(0, current - 1)); }
    else if (event.key === "Enter") { event.preventDefault(); choose(entries[current]); }
  };
  return (
    <Dialog title={words.title} onClose={onClose} className="palette">
      <input className="input" role="combobox" aria-expanded="true" aria-controls={list} aria-activedescendant={entries[current] ? `${list}-${current}` : undefined} aria-label={words.placeholder} placeholder={words.placeholder} autoFocus value={typed} onKeyDown={keys} onChange={(event) => { setTyped(event.target.value); setActive(0); }} />
      <div role="listbox" id={list} ref={listRef} aria-label={words.title} className="palette-list">
        {entries.map((entry, i) => (
          <div key={entry.group + entry.id} role="option" id={`${list}-${i}`} aria-selected={i === current} className="palette-entry" onPointerMove={() => setActive(i)} onClick={() => choose(entry)}>
            <span><span>{entry.label}</span>{entry.detail && <span className="soft small"> {entry.detail}</span>}</span>{entries[i - 1]?.group !== entry.group && <span className="soft small">{entry.group}</span>}
          </div>))}
      </div>
      {entries.length === 0 && !found.isFetching && <p className="soft">{words.empty}</p>}
      <p className="soft small">{words.hint}</p>
    </Dialog>
  );
}
