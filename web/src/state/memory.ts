/** Small choices kept in this browser (language, colours, panel width, unsaved drafts). Never clinical data from the server. */
const prefix = "salus.";

export function remember(name: string, value: string | undefined): void {
  try {
    if (value === undefined) localStorage.removeItem(prefix + name);
    else localStorage.setItem(prefix + name, value);
  } catch { /* storage may be closed or full: the choice lasts for this page only */ }
}

export function recall(name: string): string | undefined {
  try { return localStorage.getItem(prefix + name) ?? undefined; } catch { return undefined; }
}
