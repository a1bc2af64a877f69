/**
 * A list of rows of one height of which only the visible ones exist. j/k (or arrows) move, Enter opens: each row holds
 * one link, which is what gets the focus. Asks for more when its end comes near.
 */
import { useCallback, useEffect, useLayoutEffect, useRef, useState, type ReactNode } from "react";
import { useKeys } from "../state/hooks.ts";

const spare = 8;

export function VirtualList<T>({ items, rowHeight, label, render, onEnd, keyOf }: { items: readonly T[]; rowHeight: number; label: string; render: (item: T, index: number) => ReactNode; onEnd?: () => void; keyOf: (item: T) => string }) {
  const ref = useRef<HTMLUListElement>(null), [view, setView] = useState({ first: 0, last: 30 }), wanted = useRef(-1);
  const scroller = useCallback(() => ref.current?.closest("main") ?? document.documentElement, []);
  const measure = useCallback(() => {
    const list = ref.current, box = scroller();
    if (!list) return;
    const top = box.getBoundingClientRect().top - list.getBoundingClientRect().top;
    const first = Math.max(0, Math.floor(top / rowHeight) - spare), last = Math.ceil((top + box.clientHeight) / rowHeight) + spare;
    setView((before) => before.first === first && before.last === last ? before : { first, last });
  }, [rowHeight, scroller]);
  useLayoutEffect(measure, [measure, items.length]);
  useEffect(() => {
    const box = scroller();
    box.addEventListener("scroll", measure, { passive: true });
    addEventListener("resize", measure);
    return () => { box.removeEventListener("scroll", measure); removeEventListener("resize", measure); };
  }, [measure, scroller]);
  const nearEnd = view.last >= items.length - 1;
  useEffect(() => { if (nearEnd) onEnd?.(); }, [nearEnd, items.length, onEnd]);
  useEffect(() => {
    if (wanted.current < 0) return;
    const link = ref.current?.querySelector<HTMLElement>(`[data-row="${wanted.current}"] a`);
    if (link) { link.focus({ preventScroll: true }); wanted.current = -1; }
  });
  const step = (by: number) => {
    const at = Number((document.activeElement?.closest("[data-row]") as HTMLElement | null)?.dataset.row ?? -1);
    const to = Math.min(items.length - 1, Math.max(0, at < 0 ? 0 : at + by));
    const list = ref.current, box = scroller();
    if (!list || items.length === 0) return;
    wanted.current = to;
    const y = list.getBoundingClientRect().top + to * rowHeight, frame = box.getBoundingClientRect();
    if (y < frame.top + 8) box.scrollBy({ top: y - frame.top - 8 }); else if (y + rowHeight > frame.bottom) box.scrollBy({ top: y + rowHeight - frame.bottom + 8 });
    const link = list.querySelector<HTMLElement>(`[data-row="${to}"] a`);
    if (link) { link.focus({ preventScroll: true }); wanted.current = -1; } else measure();
  };
  useKeys({ j: () => step(1), k: () => step(-1), ArrowDown: (event) => { if (ref.current?.contains(document.activeElement)) { event.preventDefault(); step(1); } }, ArrowUp: (event) => { if (ref.current?.contains(document.activeElement)) { event.preventDefault(); step(-1); } } });
  return (
    <ul ref={ref} className="virtual" aria-label={label} style={{ height: items.length * rowHeight }}>
      {items.slice(view.first, view.last).map((item, i) => { const index = view.first + i; return <li key={keyOf(item)} data-row={index} aria-setsize={items.length} aria-posinset={index + 1} style={{ transform: `translateY(${index * rowHeight}px)`, height: rowHeight }}>{render(item, index)}</li>; })}
    </ul>
  );
}
