/** The span of time a person page shows: in the URL once settled, at hand at once while it moves. */
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import type { PanelSearch } from "../router.tsx";
import { clamp, spanOf, spanText, whole, type Span } from "./scale.ts";

/** `usual` is the length shown when the address names no span; without it the whole is shown. */
export function useSpan(first: string | undefined, last: string | undefined, usual?: number): { span: Span; limits: Span; setSpan: (span: Span) => void } {
  const navigate = useNavigate(), { from, to } = useSearch({ strict: false }) as PanelSearch;
  const limits = useMemo(() => { const end = Math.max(Date.parse(last ?? "") || 0, Date.now()); const start = Date.parse(first ?? ""); return whole(Number.isFinite(start) ? start : end - 86_400_000 * 30, end); }, [first, last]);
  const asked = useMemo(() => { const span = spanOf(from, to); if (span) return clamp(span, limits); const end = Math.min(limits.to, Date.now() + (usual ?? 0) * 0.02); return usual === undefined ? limits : clamp({ from: end - usual, to: end }, limits); }, [from, to, limits, usual]);
  const [moving, setMoving] = useState<Span | undefined>(undefined), timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => { setMoving(undefined); }, [asked]);
  useEffect(() => () => clearTimeout(timer.current), []);
  const setSpan = useCallback((next: Span) => {
    setMoving(next);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => {
      const all = usual === undefined && next.from <= limits.from + 1 && next.to >= limits.to - 1, length = next.to - next.from;
      void navigate({ to: ".", replace: true, resetScroll: false, search: ((before: PanelSearch) => { const { from: _from, to: _to, ...rest } = before; return all ? rest : { ...rest, from: spanText(next.from, length), to: spanText(next.to, length) }; }) as never });
    }, 250);
  }, [limits, navigate, usual]);
  return { span: moving ?? asked, limits, setSpan };
}
