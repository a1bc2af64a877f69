/** Light, dark or as the system says. */
import { useSyncExternalStore } from "react";
import { recall, remember } from "./memory.ts";

export type Theme = "light" | "dark" | "system";
const watchers = new Set<() => void>();
let theme: Theme = (["light", "dark"] as const).find((name) => name === recall("theme")) ?? "system";

function apply(): void {
  if (theme === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
}
apply();

export function setTheme(next: Theme): void {
  theme = next;
  remember("theme", next === "system" ? undefined : next);
  apply();
  for (const watcher of watchers) watcher();
}
export function useTheme(): Theme {
  return useSyncExternalStore((watcher) => { watchers.add(watcher); return () => watchers.delete(watcher); }, () => theme);
}
