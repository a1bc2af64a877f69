/** Small hooks the screens share: element width, media query, page title, connection. */
import { useEffect, useLayoutEffect, useRef, useState, useSyncExternalStore, type RefObject } from "react";

/** Width in CSS px of the element, 0 until measured. */
export function useWidth<E extends Element>(): [RefObject<E | null>, number] {
  const ref = useRef<E>(null);
  const [width, setWidth] = useState(0);
  useLayoutEffect(() => {
    const element = ref.current;
    if (!element) return;
    setWidth(element.getBoundingClientRect().width);
    const observer = new ResizeObserver(([entry]) => { if (entry) setWidth(entry.contentRect.width); });
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  return [ref, width];
}

export function useMedia(question: string): boolean {
  return useSyncExternalStore((changed) => { const media = matchMedia(question); media.addEventListener("change", changed); return () => media.removeEventListener("change", changed); }, () => matchMedia(question).matches);
}

export function useTitle(title: string): void {
  useEffect(() => { document.title = title; }, [title]);
}

export function useOnline(): boolean {
  return useSyncExternalStore((changed) => { addEventListener("online", changed); addEventListener("offline", changed); return () => { removeEventListener("online", changed); removeEventListener("offline", changed); }; }, () => navigator.onLine);
}

/** The value after it has been still for `ms`. */
export function useSettled<T>(value: T, ms: number): T {
  const [settled, setSettled] = useState(value);
  useEffect(() => { const timer = setTimeout(() => setSettled(value), ms); return () => clearTimeout(timer); }, [value, ms]);
  return settled;
}

/** Keys for the whole page, silent while something is being typed or a dialog is open. */
export function useKeys(keys: Record<string, (event: KeyboardEvent) => void>): void {
  const latest = useRef(keys);
  useEffect(() => { latest.current = keys; });
  useEffect(() => {
    const listen = (event: KeyboardEvent) => {
      if (event.metaKey || event.ctrlKey || event.altKey || event.defaultPrevented) return;
      const target = event.target as HTMLElement;
      if (target.closest("input, textarea, select, [contenteditable], [role=dialog], [role=menu]")) return;
      latest.current[event.key]?.(event);
    };
    addEventListener("keydown", listen);
    return () => removeEventListener("keydown", listen);
  }, []);
}
