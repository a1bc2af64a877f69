/**
 * The floors of the house: a room imports only rooms of lower floors and itself. Source: docs/architecture.md.
 */
export const floors: Readonly<Record<string, number>> = {
  platform: 0, fhir: 1, findings: 2, ledger: 3, signals: 3, record: 4, trust: 5, knowledge: 6, models: 7, exchange: 8,
  imaging: 9, federation: 9, care: 10, research: 11, evaluate: 12, server: 13, cli: 14,
};

export type FloorFault = { file: string; line: number; text: string };

const importPattern = /(?<=^|[\s;])(?:import|export)\s*(?:type\s+)?(?:[^"'();]*?\sfrom\s*)?["']([^"']+)["']|\bimport\(\s*["']([^"']+)["']\s*\)/g;

function roomOf(path: string): string | undefined {
  return /^src\/([^/]+)\//.exec(path)?.[1];
}

/** Path (from the root of the checkout) that a specifier in `file` points to; undefined for packages and built-ins. */
function target(file: string, specifier: string): string | undefined {
  if (specifier.startsWith("#")) return `src/${specifier.slice(1)}`;
  if (!specifier.startsWith(".")) return undefined;
  const parts = file.split("/").slice(0, -1);
  for (const part of specifier.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== ".") parts.push(part);
  }
  return parts.join("/");
}

/** Faults of one file under src/ or web/: imports that go up, sideways, or out of the house. */
export function floorFaults(file: string, source: string): FloorFault[] {
  const room = roomOf(file);
  const faults: FloorFault[] = [];
  for (const match of source.matchAll(importPattern)) {
    const specifier = (match[1] ?? match[2])!;
    const to = target(file, specifier);
    if (to === undefined) continue;
    const line = source.slice(0, match.index).split("\n").length;
    const say = (text: string): void => void faults.push({ file, line, text });
    const toRoom = roomOf(to);
    if (file.startsWith("web/")) {
      if (to.startsWith("src/") && !/import\s+type|export\s+type/.test(match[0])) say(`the web talks to the server over HTTP only; "${specifier}" may be imported as types only`);
      continue;
    }
    if (room === undefined) continue;
    if (toRoom === undefined) {
      if (!to.startsWith("src/")) say(`"${specifier}" leaves src/`);
      continue;
    }
    const from = floors[room];
    const below = floors[toRoom];
    if (from === undefined) say(`room "${room}" has no floor: add it to bin/floors.ts and docs/architecture.md`);
    else if (below === undefined) say(`room "${toRoom}" has no floor`);
    else if (toRoom !== room && below >= from) say(`${room}/ (floor ${from}) may not import ${toRoom}/ (floor ${below}): imports point down only`);
  }
  return faults;
}
