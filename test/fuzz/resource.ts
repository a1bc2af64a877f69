/** Random resources of any R4 type, of the right shape: every kind of element comes, twins and contained resources too. */
import { resourceTypes, typeDefinition, type ElementDefinition } from "#fhir/definitions/load.ts";
import type { Json, JsonObject, Resource } from "#fhir/resource.ts";
import type { Random } from "#research/population/random.ts";

/** Levels of elements; and about how many elements a level of a large type has. */
const depthMax = 4, width = 4;
const texts = ["x", "Li & <Wei>", "Ä 中 😀", " two  blanks ", "tab\tline\nend", "'\"\\", "]]>", "-->", "0"];
const values: Readonly<Record<string, readonly Json[]>> = {
  boolean: [true, false], integer: [0, -5, 2147483647], positiveInt: [1], unsignedInt: [0, 7], decimal: [0, 1.5, -0.001, 1e21, 3.25],
  date: ["1980", "1980-05", "1980-05-06"], dateTime: ["2020", "2020-02-29T10:30:00.5+08:00"], instant: ["2020-02-29T10:30:00Z"], time: ["10:30:00"],
  base64Binary: ["AAEC"], xhtml: ['<div xmlns="http://www.w3.org/1999/xhtml">a<br/>&amp; <b title="x">b</b></div>'],
};

export function randomResource(random: Random, type = random.pick(resourceTypes()), depth = 0): Resource {
  return { resourceType: type, ...elements(type, random, depth) } as Resource;
}

function elements(type: string, random: Random, depth: number): JsonObject {
  const out: JsonObject = {};
  const { elements: all } = typeDefinition(type)!;
  for (const element of all) {
    if (!random.chance(width / all.length) || (element.name === "extension" || element.name === "contained") && random.chance(0.7)) continue;
    member(out, element, random, depth);
  }
  // FHIR has no empty element: give it its first one.
  for (const element of all) if (Object.keys(out).length === 0) member(out, element, random, depth);
  return out;
}

function member(out: JsonObject, element: ElementDefinition, random: Random, depth: number): void {
  const { name, type } = random.pick(element.members);
  const primitive = typeDefinition(type)?.kind === "primitive";
  if (!primitive && depth >= depthMax) return;
  const one = (): Json => {
    if (!primitive) return type === "Resource" ? randomResource(random, random.pick(["Patient", "Basic", "Observation"]), depth + 2) as Json : elements(type, random, depth + 1);
    return random.pick(values[type] ?? texts);
  };
  // The id of an element and the url of an extension are attributes in XML, without a twin.
  const twinned = primitive && type !== "xhtml" && name !== "id" && name !== "url" && random.chance(0.2);
  const twin = (): JsonObject => ({ id: "t", ...(random.chance(0.5) ? { extension: [{ url: "urn:e", valueString: random.pick(texts) }] } : {}) });
  const settle = (value: Json): boolean => !(typeof value === "object" && value !== null && !Array.isArray(value) && Object.keys(value).length === 0);
  if (element.max === 1) {
    const value = one();
    if (!settle(value)) return;
    out[name] = value;
    if (twinned) out[`_${name}`] = twin();
    return;
  }
  const list = Array.from({ length: 1 + random.int(3) }, one).filter(settle);
  if (list.length === 0) return;
  if (twinned) {
    const hidden = list.map(() => random.chance(0.3));
    out[name] = list.map((value, i) => (hidden[i] ? null : value));
    out[`_${name}`] = list.map((_, i) => (hidden[i] || i === 0 ? twin() : null));
    if (hidden.every(Boolean)) delete out[name];
  } else out[name] = list;
}
