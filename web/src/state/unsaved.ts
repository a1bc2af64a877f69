/** What was typed and not yet sent, kept in this tab only (sessionStorage) until it is saved, discarded or signed out. */
const prefix = "salus.unsaved.";

export function keepUnsaved(name: string, value: unknown): void {
  try { sessionStorage.setItem(prefix + name, JSON.stringify(value)); } catch { /* full or closed: it stays on the page */ }
}
export function unsaved<T>(name: string): T | undefined {
  try { const text = sessionStorage.getItem(prefix + name); return text ? (JSON.parse(text) as T) : undefined; } catch { return undefined; }
}
export function dropUnsaved(name: string): void {
  try { sessionStorage.removeItem(prefix + name); } catch { /* nothing kept */ }
}
export function forgetUnsaved(): void {
  try { for (const key of Object.keys(sessionStorage)) if (key.startsWith(prefix)) sessionStorage.removeItem(key); } catch { /* nothing kept */ }
}
