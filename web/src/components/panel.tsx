/** The right evidence panel: what is open stands in the URL (`why` or `source`), so it can be linked, shared and gone back from. */
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { lazy, Suspense, useCallback, useEffect, useRef, useState, type ReactNode } from "react";
import type { Cited } from "#server/api/contract.ts";
import { recall, remember } from "../state/memory.ts";
import { useWords } from "../texts/language.tsx";
import type { PanelSearch } from "../router.tsx";
import { Waiting } from "./states.tsx";

const PanelContent = lazy(() => import("./panel-content.tsx"));
export type PanelTarget = { why: string } | { source: Cited };

const merge = (target: PanelTarget | undefined) => (before: PanelSearch): PanelSearch => {
  const { why: _why, source: _source, v: _v, ...rest } = before;
  if (!target) return rest;
  return "why" in target ? { ...rest, why: target.why } : { ...rest, source: target.source.reference, ...(target.source.version ? { v: target.source.version } : {}) };
};

export function usePanel(): { open: (target: PanelTarget) => void; close: () => void; search: PanelSearch } {
  const navigate = useNavigate(), search = useSearch({ strict: false }) as PanelSearch;
  const go = useCallback((target: PanelTarget | undefined) => void navigate({ to: ".", search: merge(target) as never, resetScroll: false }), [navigate]);
  return { search, open: go, close: useCallback(() => go(undefined), [go]) };
}

/** Anything that can be asked "why?": a link that opens its reasons or its source in the panel. */
export function PanelLink({ to, className, children, label }: { to: PanelTarget; className?: string; children: ReactNode; label?: string }) {
  return <Link to="." search={merge(to) as never} resetScroll={false} preload={false} activeOptions={{ includeSearch: true }} className={className} {...(label ? { "aria-label": label } : {})}>{children}</Link>;
}

const least = 320, most = 880;

export function Panel() {
  const { text } = useWords(), { search, close } = usePanel();
  const open = Boolean(search.why ?? search.source);
  const [width, setWidth] = useState(() => Math.min(most, Math.max(least, Number(recall("panel")) || 440)));
  const ref = useRef<HTMLElement>(null), opener = useRef<HTMLElement | null>(null);
  useEffect(() => {
    if (!open) return;
    opener.current = document.activeElement as HTMLElement | null;
    ref.current?.focus({ preventScroll: true });
    return () => { if (opener.current?.isConnected) opener.current.focus({ preventScroll: true }); };
  }, [open]);
  useEffect(() => {
    if (!open) return;
    const listen = (event: KeyboardEvent) => { if (event.key === "Escape" && !event.defaultPrevented && !document.querySelector("[role=dialog]")) close(); };
    addEventListener("keydown", listen);
    return () => removeEventListener("keydown", listen);
  }, [open, close]);
  if (!open) return null;
  const resize = (next: number) => { const kept = Math.round(Math.min(most, innerWidth - 360, Math.max(least, next))); setWidth(kept); remember("panel", String(kept)); };
  return (
    <aside className="panel" ref={ref} tabIndex={-1} aria-label={search.why ? text.finding.reasons : text.evidence.title} style={{ "--panel": `${width}px` } as React.CSSProperties}>
      <div className="panel-edge" role="separator" aria-orientation="vertical" tabIndex={0} aria-label={text.evidence.resize} aria-valuenow={width} aria-valuemin={least} aria-valuemax={most}
        onKeyDown={(event) => { if (event.key === "ArrowLeft") resize(width + 24); else if (event.key === "ArrowRight") resize(width - 24); }}
        onPointerDown={(event) => { event.currentTarget.setPointerCapture(event.pointerId); }}
        onPointerMove={(event) => { if (event.currentTarget.hasPointerCapture(event.pointerId)) resize(innerWidth - event.clientX); }} />
      <div className="panel-head">
        <h2>{search.why ? text.finding.reasons : text.evidence.title}</h2>
        <button type="button" className="button quiet" onClick={close}>{text.common.close} <kbd aria-hidden="true">Esc</kbd></button>
      </div>
      <div className="panel-body"><Suspense fallback={<Waiting />}><PanelContent key={search.why ?? `${search.source}@${search.v}`} search={search} /></Suspense></div>
    </aside>
  );
}
