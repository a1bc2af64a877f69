/**
 * Scores of the GDL guideline models (SOURCE.md of the pack). Every file is read; those of scores we do not have are
 * skipped by name. Numbers are compared after rounding to the decimals printed, text items are wording only.
 */
import assert from "node:assert/strict";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { readInputs } from "#findings/inputs.ts";
import { scores } from "#knowledge/scores/registry.ts";
import type { ExternalCase } from "../run.ts";
import { mappings, type GdlFile, type GdlItem } from "../scores/gdl.ts";

export const pack = "scores-gdl";

export async function* cases(dir: string): AsyncGenerator<ExternalCase> {
  for (const folder of ["core", "other"].filter((name) => existsSync(join(dir, name))))
    for (const name of readdirSync(join(dir, folder)).filter((one) => one.endsWith(".json")).sort()) {
      const file = JSON.parse(readFileSync(join(dir, folder, name), "utf8")) as GdlFile;
      const mapping = mappings.find((one) => file.score.replace(/\.v[\d.]+$/, "") === one.score);
      for (const one of file.cases) {
        const label = `${folder}/${file.score} ${one.n}`;
        if (!mapping) { yield { name: label, run: () => {}, skip: "score not implemented" }; continue; }
        const item = (path: RegExp): GdlItem | undefined => one.inputs.find((input) => path.test(input.path));
        const skip = file.reference_date_missing ? "ages refer to an unknown day" : mapping.skip?.(item);
        yield { name: label, ...(skip === undefined ? {} : { skip }), run() {
          const method = scores.find((score) => score.id === mapping.id)!;
          const given = Object.entries(mapping.inputs(item, file)).filter(([, value]) => value !== undefined);
          const inputs = readInputs(method, Object.fromEntries(given));
          assert.ok(inputs.ok, inputs.ok ? "" : inputs.failure.text);
          const findings = method.runInputs!(inputs.value);
          assert.equal(findings[0]!.outcome, "computed", findings[0]!.statement.en);
          let compared = 0;
          for (const expected of one.expected) {
            const ours = mapping.answer(expected, findings);
            if (ours === undefined) continue;
            compared++;
            compare(expected, ours);
          }
          assert.ok(compared > 0, "nothing of the case could be compared");
        } };
      }
    }
}

function compare(expected: GdlItem, ours: number | string): void {
  if (typeof ours === "string" || typeof expected.value !== "number") return assert.equal(ours, expected.value, expected.path);
  const decimals = String(expected.value).split(".")[1]?.length ?? 0;
  assert.equal(ours.toFixed(decimals), expected.value.toFixed(decimals), expected.path);
}
