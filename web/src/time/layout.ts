/**
 * Places a lane's items on the time axis. Things with a length become bars stacked on as few rows as they need;
 * moments closer than `merge` px become one cluster mark with a count, so that a lifetime stays readable.
 */
import type { TimelineItem } from "#server/api/contract.ts";
import { toX, type Span } from "./scale.ts";

export type Mark =
  | { kind: "bar"; row: number; x0: number; x1: number; item: TimelineItem; open: boolean /* no end: still going on */ }
  | { kind: "point"; row: number; x: number; item: TimelineItem }
  | { kind: "cluster"; row: number; x: number; items: TimelineItem[]; outside: boolean /* holds a value out of range or an urgent finding */ };
export type LaneLayout = { marks: Mark[]; rows: number; hidden: number };

/** Lanes whose items last until ended; in the others no end means a moment. */
const lasting = new Set(["problems", "medicines"]);

export function isOutside(item: TimelineItem): boolean {
  return item.tone === "out-of-range" || item.tone === "urgent" || item.tone === "emergency";
}

export function layoutLane(items: readonly TimelineItem[], span: Span, width: number, now: number, options: { merge?: number; maxRows?: number } = {}): LaneLayout {
  const { merge = 12, maxRows = 6 } = options;
  const marks: Mark[] = [];
  const moments: { x: number; item: TimelineItem }[] = [];
  const bars: { x0: number; x1: number; item: TimelineItem; open: boolean }[] = [];
  for (const item of items) {
    const start = Date.parse(item.start);
    if (!Number.isFinite(start)) continue;
    const open = item.end === undefined && lasting.has(item.lane), end = item.end === undefined ? (open ? now : start) : Date.parse(item.end);
    if (end < span.from || start > span.to) continue;
    const x0 = toX(span, width, start), x1 = toX(span, width, end);
    if (open || x1 - x0 > 6) bars.push({ x0, x1: Math.max(x1, x0 + 3), item, open });
    else moments.push({ x: (x0 + x1) / 2, item });
  }
  const ends: number[] = [];
  let hidden = 0;
  for (const bar of bars.sort((a, b) => a.x0 - b.x0)) {
    let row = ends.findIndex((end) => end + 2 <= bar.x0);
    if (row < 0) row = ends.length;
    if (row >= maxRows) { hidden += 1; continue; }
    ends[row] = bar.x1;
    marks.push({ kind: "bar", row, ...bar });
  }
  const base = ends.length;
  moments.sort((a, b) => a.x - b.x);
  const groups: (typeof moments)[] = [];
  for (const moment of moments) {
    const group = groups.at(-1);
    // A count mark is wider than a dot: what it would cover joins it.
    if (group && moment.x - group[0]!.x < (group.length > 1 ? merge * 2.2 : merge)) group.push(moment);
    else groups.push([moment]);
  }
  for (const group of groups) {
    if (group.length === 1) marks.push({ kind: "point", row: base, x: group[0]!.x, item: group[0]!.item });
    else marks.push({ kind: "cluster", row: base, x: group[0]!.x + Math.min(merge, (group.at(-1)!.x - group[0]!.x) / 2), items: group.map((one) => one.item), outside: group.some((one) => isOutside(one.item)) });
  }
  return { marks, rows: base + (moments.length > 0 ? 1 : 0), hidden };
}
