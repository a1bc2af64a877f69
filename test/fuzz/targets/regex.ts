/** Regular expressions on their own: pattern, then the text they meet. */
import assert from "node:assert/strict";
import { partsOf, type Target } from "../target.ts";

export const target: Target = {
  rooms: ["src/fhir/fhirpath/regex/"],
  seeds: ["^(a+)+$\n---\naaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab", "[a-z\\d_]{2,5}?(?:x|y)*\n---\nabc_1xyxy", "(?=a)b(?!c)\\1\n---\nab", "(?<n>\\p{L}+)\\s\\u0041\n---\nÄé A", "(.*a){20}\n---\naaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"],
  words: ["(", ")", "(?:", "(?=", "(?<n>", "|", "*", "+?", "{1,9}", "{999}", "[^", "]", "\\b", "\\d", "\\p{Lu}", "^", "$", ".", "\\1"],
  lengthMax: 512,
  async open() {
    const { compile } = await import("#fhir/fhirpath/compile.ts");
    return (input) => {
      const [pattern, text] = partsOf(input).map((part) => `'${part.replace(/[\\']/g, "\\$&").replace(/\n/g, "\\n").replace(/\r/g, "\\r")}'`);
      for (const call of [`matches(${pattern})`, `matchesFull(${pattern})`, `replaceMatches(${pattern}, 'x')`]) {
        const compiled = compile(`${text}.${call}`);
        if (!compiled.ok) { assert.match(compiled.failure.text, /^FHIRPath( \d+:\d+)?: /); continue; }
        compiled.value.evaluate({ resourceType: "Patient" });
      }
    };
  },
};
