/**
 * `salus score list` and `salus score run ID --inputs FILE|name=value…`: scores on plain inputs, nothing stored.
 * Inputs and JSON shapes: docs/cli/score.md.
 */
import { readFileSync, statSync } from "node:fs";
import { parseArgs } from "node:util";
import { namedInputs, readInputs } from "#findings/inputs.ts";
import type { InputSpec } from "#findings/method.ts";
import { scores } from "#knowledge/scores/registry.ts";
import { fail, ok, type Result } from "#platform/result.ts";
import type { Command, CommandIo } from "./command.ts";
import { findingText } from "./print-findings.ts";

const fileBytesMost = 1 << 20;

export const command: Command = {
  name: "score",
  summary: "list clinical scores, or run one on given inputs",
  usage: "salus score list [--json]\nsalus score run ID --inputs FILE|name=value… [--json]",
  async run(args, io) {
    let options;
    try {
      options = parseArgs({ args: [...args], allowPositionals: true, options: { inputs: { type: "string", multiple: true }, json: { type: "boolean" } } });
    } catch (error) {
      return wrong(io, (error as Error).message);
    }
    const [verb, id, ...rest] = options.positionals;
    const json = options.values.json ?? false;
    if (verb === "list" && id === undefined) return list(io, json);
    if (verb !== "run" || id === undefined) return wrong(io, verb === "run" ? "Name the score to run." : `Say list or run${verb === undefined ? "" : `, not "${verb}"`}.`);
    const method = scores.find((one) => one.id === id);
    if (!method?.runInputs) return wrong(io, `There is no score "${id}". Scores: ${scores.map((one) => one.id).join(", ")}.`);
    const raw = readRaw([...(options.values.inputs ?? []), ...rest]);
    if (!raw.ok) return failed(io, raw.failure.text);
    const inputs = readInputs(method, raw.value);
    if (!inputs.ok) return failed(io, inputs.failure.text);
    const findings = method.runInputs(inputs.value);
    io.stdout.write(json ? `${JSON.stringify({ method: method.id, version: method.version, inputs: inputs.value, findings })}\n` : findings.map(findingText).join("\n"));
    return 0;
  },
};

function wrong(io: CommandIo, text: string): number {
  io.stderr.write(`${text}\nUsage: ${command.usage}\n`);
  return 2;
}

function failed(io: CommandIo, text: string): number {
  io.stderr.write(`${text}\n`);
  return 1;
}

/** name=value pairs and JSON files (one object of inputs; `-` is standard input), in any mixture. */
function readRaw(words: readonly string[]): Result<Record<string, unknown>> {
  const raw: Record<string, unknown> = {};
  if (words.length === 0) return fail("required", "Give inputs: --inputs FILE, or name=value …");
  for (const word of words) {
    const pair = /^([A-Za-z][A-Za-z0-9_-]*)=(.*)$/s.exec(word);
    const found = pair ? ok({ [pair[1]!]: pair[2]! }) : readFile(word);
    if (!found.ok) return found;
    for (const [name, value] of Object.entries(found.value)) {
      if (Object.hasOwn(raw, name)) return fail("duplicate", `${name} is given twice.`);
      raw[name] = value;
    }
  }
  return ok(raw);
}

function readFile(path: string): Result<Record<string, unknown>> {
  let text: string;
  try {
    if (path !== "-" && statSync(path).size > fileBytesMost) return fail("too-long", `${path} is larger than ${fileBytesMost} bytes.`);
    text = readFileSync(path === "-" ? 0 : path, "utf8");
  } catch (error) {
    return fail("not-found", `${path} cannot be read: ${(error as Error).message}`);
  }
  try {
    const value: unknown = JSON.parse(text);
    if (value === null || typeof value !== "object" || Array.isArray(value)) return fail("structure", `${path} must hold one JSON object of inputs.`);
    const inner = (value as { inputs?: unknown }).inputs;
    return ok((inner !== null && typeof inner === "object" && !Array.isArray(inner) ? inner : value) as Record<string, unknown>);
  } catch (error) {
    return fail("structure", `${path} is not JSON: ${(error as Error).message}`);
  }
}

function describe(spec: InputSpec): Record<string, unknown> {
  const common = { name: spec.name, label: spec.label, kind: spec.kind, required: spec.required };
  switch (spec.kind) {
    case "quantity": return { ...common, unit: spec.unit, range: spec.range, ...(spec.valid ? { valid: spec.valid } : {}), codes: spec.codes, ...(spec.derive ? { derivedFrom: spec.derive.inputs.map((one) => one.name) } : {}) };
    case "age": return { ...common, unit: "a", range: spec.range, ...(spec.valid ? { valid: spec.valid } : {}) };
    case "sex": return { ...common, options: ["female", "male"] };
    case "observed-code": return { ...common, options: Object.keys(spec.answers), codes: spec.codes };
    case "choice": return { ...common, options: spec.options };
    case "condition": case "medication": return { ...common, options: ["true", "false"], codes: spec.codes };
    case "boolean": return { ...common, options: ["true", "false"] };
  }
}

function list(io: CommandIo, json: boolean): number {
  if (json) {
    io.stdout.write(`${JSON.stringify(scores.map((method) => ({
      id: method.id, version: method.version, title: method.title, stage: method.stage, population: method.population,
      inputs: namedInputs(method).map((spec) => ({ ...describe(spec), ...(method.inputs.includes(spec) ? {} : { alternative: true }) })), sources: method.sources,
    })))}\n`);
    return 0;
  }
  for (const method of scores)
    io.stdout.write(`${method.id.padEnd(14)} ${method.title.en}\n${" ".repeat(15)}${method.population.en}\n${" ".repeat(15)}inputs: ${method.inputs.map((spec) => `${spec.name}${spec.required ? "" : "?"}`).join(" ")}\n`);
  return 0;
}
