/** The language of the screens: kept in the browser, readable from ?lang=, told to assistive technology by <html lang>. */
import { createContext, use, useEffect, useMemo, useState, type ReactNode } from "react";
import { I18nProvider } from "react-aria-components/I18nProvider";
import type { Bilingual } from "#findings/finding.ts";
import { makeFormat, type Format } from "../format/format.ts";
import { remember, recall } from "../state/memory.ts";
import { en, type Texts } from "./en.ts";
import { zh } from "./zh.ts";

export type Language = "en" | "zh";
type Words = { language: Language; text: Texts; say: (words: Bilingual) => string; other: (words: Bilingual) => string; format: Format; setLanguage: (language: Language) => void };
const tables: Record<Language, Texts> = { en, zh };
const Context = createContext<Words | undefined>(undefined);

function initial(): Language {
  const asked = new URLSearchParams(location.search).get("lang");
  if (asked === "zh" || asked === "en") { remember("language", asked); return asked; }
  const kept = recall("language");
  if (kept === "zh" || kept === "en") return kept;
  return navigator.language.toLowerCase().startsWith("zh") ? "zh" : "en";
}

export function LanguageProvider({ children }: { children: ReactNode }) {
  const [language, setState] = useState<Language>(initial);
  useEffect(() => { document.documentElement.lang = language === "zh" ? "zh-CN" : "en"; }, [language]);
  const words = useMemo<Words>(() => ({
    language, text: tables[language], format: makeFormat(language),
    say: (pair) => pair[language] || pair.en || pair.zh,
    other: (pair) => pair[language === "en" ? "zh" : "en"],
    setLanguage: (next) => { remember("language", next); setState(next); },
  }), [language]);
  return <I18nProvider locale={language === "zh" ? "zh-CN" : "en-GB"}><Context value={words}>{children}</Context></I18nProvider>;
}

export function useWords(): Words {
  const words = use(Context);
  if (!words) throw new Error("useWords outside LanguageProvider");
  return words;
}
