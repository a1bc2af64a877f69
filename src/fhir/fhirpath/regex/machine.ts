/**
 * Matching in time linear in the text (Thompson's simulation with captures, as Pike gave it): all ways through the
 * pattern go side by side, the preferred one first, so nothing is tried twice. For patterns on which backtracking
 * could explode. https://swtch.com/~rsc/regexp/regexp2.html
 */
import { RegexFault, type ParsedRegex, type Regex } from "./parse.ts";

type Instruction =
  | { op: "char"; test: (codePoint: number) => boolean }
  | { op: "split"; first: number; second: number }
  | { op: "jump"; to: number }
  | { op: "save"; slot: number }
  | { op: "assert"; source: "^" | "$" | "\\b" | "\\B" }
  | { op: "match" };

export type Program = { code: readonly Instruction[]; slots: number };

/** Counted repeats are written out, so this bounds them too. */
const instructionsMax = 20_000;
/** Most steps of one run: instructions times characters. */
const stepsMax = 20_000_000;

/** One character as a test, told by the platform's own engine, remembered for ASCII. */
function tester(source: string): (codePoint: number) => boolean {
  let single: RegExp;
  try {
    single = new RegExp(`^(?:${source})$`, "su");
  } catch {
    throw new RegexFault(`${source.slice(0, 40)} is no character or class`);
  }
  const ascii = new Int8Array(128);
  return (codePoint) => {
    if (codePoint >= 128) return single.test(String.fromCodePoint(codePoint));
    if (ascii[codePoint] === 0) ascii[codePoint] = single.test(String.fromCodePoint(codePoint)) ? 1 : -1;
    return ascii[codePoint] === 1;
  };
}

export function assemble({ tree, groups }: ParsedRegex): Program {
  const code: Instruction[] = [];
  const tests = new Map<string, (codePoint: number) => boolean>();
  const add = (instruction: Instruction): number => {
    if (code.length >= instructionsMax) throw new RegexFault("the pattern repeats too much");
    return code.push(instruction) - 1;
  };
  const emit = (part: Regex): void => {
    switch (part.kind) {
      case "empty": return;
      case "char": {
        let test = tests.get(part.source);
        if (!test) tests.set(part.source, test = tester(part.source));
        add({ op: "char", test });
        return;
      }
      case "assert": add({ op: "assert", source: part.source }); return;
      case "foreign": throw new RegexFault("looking around and back references are allowed only where nothing with a choice in it repeats");
      case "sequence": for (const inner of part.parts) emit(inner); return;
      case "group":
        if (part.index === undefined) return emit(part.body);
        add({ op: "save", slot: part.index * 2 });
        emit(part.body);
        add({ op: "save", slot: part.index * 2 + 1 });
        return;
      case "either": {
        const ends: number[] = [];
        part.branches.forEach((branch, i) => {
          if (i === part.branches.length - 1) return emit(branch);
          const split = add({ op: "split", first: code.length + 1, second: 0 });
          emit(branch);
          ends.push(add({ op: "jump", to: 0 }));
          code[split] = { op: "split", first: split + 1, second: code.length };
        });
        for (const end of ends) code[end] = { op: "jump", to: code.length };
        return;
      }
      case "repeat": {
        const fork = (at: number, inside: number, past: number) => { code[at] = part.lazy ? { op: "split", first: past, second: inside } : { op: "split", first: inside, second: past }; };
        for (let i = 0; i < part.min; i++) emit(part.body);
        if (part.max === Infinity) {
          const split = add({ op: "split", first: 0, second: 0 });
          emit(part.body);
          add({ op: "jump", to: split });
          fork(split, split + 1, code.length);
          return;
        }
        const splits: number[] = [];
        for (let i = part.min; i < part.max; i++) {
          splits.push(add({ op: "split", first: 0, second: 0 }));
          emit(part.body);
        }
        for (const split of splits) fork(split, split + 1, code.length);
      }
    }
  };
  emit(tree);
  add({ op: "match" });
  return { code, slots: groups * 2 + 2 };
}

const isWord = (codePoint: number | undefined): boolean => codePoint !== undefined && codePoint < 128 && /\w/.test(String.fromCharCode(codePoint));

type Thread = { at: number; saved: readonly (number | undefined)[] };

/** One text against one program: the searches of a run share their steps. */
export type Run = { program: Program; text: string; steps: number; /** Which search, at which place, reached an instruction last. */ seen: Float64Array; searches: number };

export function runOf(program: Program, text: string): Run {
  return { program, text, steps: 0, seen: new Float64Array(program.code.length).fill(-1), searches: 0 };
}

/**
 * The first match from `from` on: offsets of the whole in 0 and 1, of group n in 2n and 2n+1. `full` asks for a match
 * of the whole text. Throws `RegexFault` beyond 20,000,000 steps of the run.
 */
export function search(run: Run, from = 0, full = false): readonly (number | undefined)[] | undefined {
  const { text, seen, program: { code, slots } } = run;
  const base = run.searches++ * (text.length + 2);
  let found: readonly (number | undefined)[] | undefined;

  /** Follows what consumes no character; an instruction reached before at this place was reached by a preferred way. */
  function follow(list: Thread[], start: number, position: number, saved: readonly (number | undefined)[]): void {
    const open: Thread[] = [{ at: start, saved }];
    for (let thread = open.pop(); thread; thread = open.pop()) {
      const { at } = thread;
      if (seen[at] === base + position) continue;
      seen[at] = base + position;
      if (++run.steps > stepsMax) throw new RegexFault(`matching takes more than ${stepsMax} steps`);
      const instruction = code[at]!;
      switch (instruction.op) {
        case "jump": open.push({ at: instruction.to, saved: thread.saved }); break;
        case "split": open.push({ at: instruction.second, saved: thread.saved }, { at: instruction.first, saved: thread.saved }); break;
        case "save": {
          const next = [...thread.saved];
          next[instruction.slot] = position;
          open.push({ at: at + 1, saved: next });
          break;
        }
        case "assert": if (holds(instruction.source, position)) open.push({ at: at + 1, saved: thread.saved }); break;
        default: list.push(thread);
      }
    }
  }

  function holds(source: string, position: number): boolean {
    if (source === "^") return position === 0;
    if (source === "$") return position === text.length;
    const boundary = isWord(position > 0 ? text.charCodeAt(position - 1) : undefined) !== isWord(position < text.length ? text.charCodeAt(position) : undefined);
    return boundary === (source === "\\b");
  }

  let current: Thread[] = [];
  for (let position = from; ; ) {
    if (found === undefined && (!full || position === from)) {
      const start: (number | undefined)[] = new Array<number | undefined>(slots).fill(undefined);
      start[0] = position;
      follow(current, 0, position, start);
    }
    if (current.length === 0 && (found !== undefined || full)) return found;
    const codePoint = position < text.length ? text.codePointAt(position)! : undefined;
    const after = position + (codePoint !== undefined && codePoint > 0xffff ? 2 : 1);
    const next: Thread[] = [];
    for (const { at, saved } of current) {
      const instruction = code[at]!;
      if (instruction.op === "match") {
        if (full && position !== text.length) continue;
        const whole = [...saved];
        whole[1] = position;
        found = whole;
        break; // what comes later is less preferred
      }
      if (instruction.op === "char" && codePoint !== undefined && instruction.test(codePoint)) follow(next, at + 1, after, saved);
    }
    if (codePoint === undefined) return found;
    current = next;
    position = after;
  }
}
