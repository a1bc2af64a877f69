/**
 * Plain values as nested FHIR extensions and back, without loss: text → valueString, number → valueDecimal,
 * boolean → valueBoolean, object → one extension for each member, list → the extension repeated.
 * Source: https://hl7.org/fhir/R4/extensibility.html
 */
export type Extension = { url: string; valueString?: string; valueDecimal?: number; valueBoolean?: boolean; valueCode?: string; valueReference?: { reference: string }; extension?: Extension[] };
export type Plain = string | number | boolean | readonly Plain[] | { readonly [key: string]: Plain | undefined };

/** A list gives one extension for each item, `undefined` none. */
export function pack(url: string, value: Plain | undefined): Extension[] {
  if (value === undefined) return [];
  if (typeof value === "string") return [{ url, valueString: value }];
  if (typeof value === "number") return [{ url, valueDecimal: value }];
  if (typeof value === "boolean") return [{ url, valueBoolean: value }];
  if (isList(value)) return value.flatMap((item) => pack(url, item));
  return [{ url, extension: Object.entries(value).flatMap(([key, member]) => pack(key, member)) }];
}

export function unpack(extension: Extension): Plain | undefined {
  if (extension.valueString !== undefined) return extension.valueString;
  if (extension.valueDecimal !== undefined) return extension.valueDecimal;
  if (extension.valueBoolean !== undefined) return extension.valueBoolean;
  if (!Array.isArray(extension.extension)) return undefined;
  const members: Record<string, Plain> = {};
  for (const inner of extension.extension) {
    const value = unpack(inner);
    if (value !== undefined) members[inner.url] = value;
  }
  return members;
}

function isList(value: Plain): value is readonly Plain[] {
  return Array.isArray(value);
}
