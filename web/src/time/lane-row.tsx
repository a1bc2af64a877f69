/** One lane of the timeline. Out of range is a triangle, in range a dot, a cluster carries its count. */
import type { Lane, TimelineView } from "#server/api/contract.ts";
import { useWords } from "../texts/language.tsx";
import { isOutside, type Mark } from "./layout.ts";
import { toX, type Span } from "./scale.ts";

type Props = { lane: Lane; marks: Mark[]; hidden: number; dense: TimelineView["density"]; top: number; height: number; left: number; width: number; rowHeight: number; span: Span; picked?: Mark | undefined; onMark: (mark: Mark) => void; describe: (mark: Mark) => string };

export function LaneRow({ lane, marks, hidden, dense, top, height, left, width, rowHeight, span, picked, onMark, describe }: Props) {
  const { text, say } = useWords();
  const most = Math.max(1, ...dense.map((bucket) => bucket.count));
  return (
    <g className={`lane lane-${lane}`}>
      <path d={`M0 ${top}H${left + width}`} className="lane-line" />
      <text x="0" y={top + 19} className="lane-label">{text.lane[lane]}</text>
      {hidden > 0 && <text x="0" y={top + 34} className="lane-more">+{hidden}</text>}
      <svg x={left} y={top} width={width} height={height} overflow="hidden">
        {dense.map((bucket) => { const x0 = toX(span, width, Date.parse(bucket.start)), x1 = toX(span, width, Date.parse(bucket.end)); if (x1 < 0 || x0 > width) return null; const tall = (bucket.count / most) * (height - 12); return <rect key={bucket.start} className="dense" x={x0} width={Math.max(1, x1 - x0 - 1)} y={height - 4 - tall} height={tall}><title>{`${text.time.events(bucket.count, say(bucket.label))}`}</title></rect>; })}
        {marks.map((mark, i) => {
          const middle = mark.row * rowHeight + 15, on = mark === picked;
          const common = { onClick: () => onMark(mark), className: `mark-${mark.kind} ${on ? "on" : ""}` };
          if (mark.kind === "bar") {
            const x0 = Math.max(-4, mark.x0), x1 = Math.min(width + 4, mark.x1);
            return <g key={i} {...common}><title>{describe(mark)}</title><rect x={x0} y={middle - 8} width={Math.max(3, x1 - x0)} height="16" rx="3" className={`bar ${isOutside(mark.item) ? "outside" : ""}`} />{x1 - x0 > 40 ? <Clipped x={Math.max(0, x0) + 6} y={middle + 4} width={x1 - Math.max(0, x0) - 10}>{say(mark.item.label)}</Clipped> : <Beside marks={marks} mark={mark} x0={x0} x1={x1} y={middle + 4} width={width}>{say(mark.item.label)}</Beside>}</g>;
          }
          if (mark.kind === "cluster") return <g key={i} {...common} transform={`translate(${Math.max(12, Math.min(width - 12, mark.x)) - mark.x} 0)`}><title>{describe(mark)}</title><rect x={mark.x - 11} y={middle - 8} width="22" height="16" rx="8" className={mark.outside ? "cluster outside" : "cluster"} /><text x={mark.x} y={middle + 4} textAnchor="middle" className="cluster-count">{mark.items.length > 999 ? "1k+" : mark.items.length}</text></g>;
          const outside = isOutside(mark.item), next = marks[i + 1];
          const room = (next && next.kind !== "bar" ? next.x : width) - mark.x - (next?.kind === "cluster" ? 30 : 22);
          return <g key={i} {...common}><title>{describe(mark)}</title><rect x={mark.x - 10} y={middle - 10} width="20" height="20" fill="transparent" />{outside ? <path d={`M${mark.x} ${middle - 6}l6 11h-12Z`} className="point outside" /> : <circle cx={mark.x} cy={middle} r="4.5" className="point" />}{room > 64 && <Clipped x={mark.x + 9} y={middle + 4} width={room}>{say(mark.item.label)}</Clipped>}</g>;
        })}
      </svg>
    </g>
  );
}

/** A bar too short for its label carries it beside, on the side of its row that has room. */
function Beside({ marks, mark, x0, x1, y, width, children }: { marks: Mark[]; mark: Mark & { kind: "bar" }; x0: number; x1: number; y: number; width: number; children: string }) {
  const others = marks.filter((other): other is Mark & { kind: "bar" } => other.kind === "bar" && other.row === mark.row && other !== mark);
  const after = Math.min(width, ...others.filter((other) => other.x0 >= mark.x0).map((other) => other.x0)) - x1 - 10, before = x0 - Math.max(0, ...others.filter((other) => other.x0 < mark.x0).map((other) => other.x1 + (other.x1 - other.x0 > 40 ? 0 : 120))) - 10;
  const needed = Math.min(150, [...children].reduce((sum, letter) => sum + (letter.charCodeAt(0) > 0x2e7f ? 13 : 6.6), 0));
  if (after >= needed) return <Clipped x={x1 + 5} y={y} width={after}>{children}</Clipped>;
  return before >= needed ? <text x={x0 - 5} y={y} textAnchor="end" className="mark-label">{children}</text> : null;
}

/** Text cut to its room by estimated width: a CJK character takes about twice a Latin one. */
function Clipped({ x, y, width, children }: { x: number; y: number; width: number; children: string }) {
  let used = 0, shown = "";
  for (const letter of children) { used += letter.charCodeAt(0) > 0x2e7f ? 13 : 6.6; if (used > width) { shown = shown.slice(0, -1) + "…"; break; } shown += letter; }
  return shown.length < 3 && shown !== children ? null : <text x={x} y={y} className="mark-label">{shown}</text>;
}
