/** Parameters resources in and out: https://hl7.org/fhir/R4/parameters.html */
import type { CodeableConcept, Coding, Resource } from "../resource.ts";

export type Parameter = {
  name: string; resource?: Resource; part?: Parameter[];
  valueCoding?: Coding; valueCodeableConcept?: CodeableConcept; valueString?: string; valueUri?: string; valueCanonical?: string; valueCode?: string;
  valueBoolean?: boolean; valueInteger?: number; [value: string]: unknown;
};
export type Parameters = Resource & { resourceType: "Parameters"; parameter?: Parameter[] };

/** The value of whichever value[x] is there. */
export function valueOf(parameter: Parameter | undefined): unknown {
  if (!parameter) return undefined;
  for (const member in parameter) if (member.startsWith("value")) return parameter[member];
  return undefined;
}

export class ParameterReader {
  readonly all: readonly Parameter[];

  constructor(parameters: { parameter?: Parameter[] } | undefined) {
    this.all = Array.isArray(parameters?.parameter) ? parameters.parameter.filter((one) => typeof one?.name === "string") : [];
  }

  has(name: string): boolean {
    return this.all.some((one) => one.name === name);
  }

  /** A primitive as text; numbers and flags are written out. */
  text(name: string): string | undefined {
    return this.texts(name)[0];
  }

  texts(name: string): string[] {
    return this.all.filter((one) => one.name === name).map(valueOf).filter((value) => typeof value === "string" || typeof value === "number" || typeof value === "boolean").map(String);
  }

  flag(name: string): boolean | undefined {
    const text = this.text(name);
    return text === undefined ? undefined : text === "true";
  }

  /** A whole number of zero or more; undefined where there is none. */
  count(name: string): number | undefined {
    const text = this.text(name);
    return text !== undefined && /^\d{1,9}$/.test(text) ? Number(text) : undefined;
  }

  coding(name: string): Coding | undefined {
    return codingOf(this.all.find((one) => one.name === name)?.valueCoding);
  }

  concept(name: string): CodeableConcept | undefined {
    const concept = object<CodeableConcept>(this.all.find((one) => one.name === name)?.valueCodeableConcept);
    return concept && { ...concept, coding: Array.isArray(concept.coding) ? concept.coding.flatMap((one) => codingOf(one) ?? []) : [] };
  }

  resource(name: string): Resource | undefined {
    return this.resources(name)[0];
  }

  resources(name: string): Resource[] {
    return this.all.filter((one) => one.name === name).map(({ resource }) => resource).filter((one) => object(one) !== undefined) as Resource[];
  }
}

function object<T>(value: unknown): T | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as T) : undefined;
}

/** A coding whose members are texts; others are left out. */
function codingOf(value: unknown): Coding | undefined {
  const coding = object<Coding>(value);
  return coding && (Object.fromEntries(Object.entries(coding).filter(([name, member]) => !["system", "version", "code", "display"].includes(name) || typeof member === "string")) as Coding);
}

/** Builds a Parameters resource; empty values are left out. */
export class ParameterWriter {
  readonly #parameter: Parameter[] = [];

  add(name: string, kind: "String" | "Uri" | "Canonical" | "Code" | "Boolean" | "CodeableConcept" | "Coding", value: unknown): this {
    if (value !== undefined && value !== "") this.#parameter.push({ name, [`value${kind}`]: value });
    return this;
  }

  addResource(name: string, resource: Resource): this {
    this.#parameter.push({ name, resource });
    return this;
  }

  addParts(name: string, part: Parameter[]): this {
    this.#parameter.push({ name, part });
    return this;
  }

  done(): Parameters {
    // FHIR JSON knows no list without members.
    return { resourceType: "Parameters", ...(this.#parameter.length ? { parameter: this.#parameter } : {}) };
  }
}
