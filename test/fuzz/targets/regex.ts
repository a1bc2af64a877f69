/** Regular expressions on their own: pattern, then the text they meet. */
import assert from "node:assert/strict";
import { partsOf, type Target } from "../target.ts";

export const target: Target = {
  rooms: ["src/fhir/fhirpath/regex/"],
  seeds: ["^(a+)+$\n---\naaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab", "[a-z\\d_]{2,5}?(?:x|y)*\n---\nabc_1xyxy", "(?=a)b(?!c)\\1\n---\nab", "(?<n>\\p{L}+)\\s\\u0041\n---\nÄé A", "(.*a){20}\n---\naaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"],
  words: ["(", ")", "(?:", "(?=", "(?<n>", "|", "*", "+?", "{1,9}", "{999}", "[^", "]", "\\b", "\\d", "\\p{Lu}", "^", "$", ".", "\\1"],
  lengthMax: 512,
  giants: () => [`(${"a?".repeat(200)})${"a".repeat(200)}\n---\n${"a".repeat(200)}`, `^(a+)+$\n---\n${"a".repeat(50_000)}b`, `(x+x+)+y\n---\n${"x".repeat(50_000)}`, `^(([a-z])+.)+[A-Z]([a-z])+$\n---\n${"a".repeat(50_000)}`, `${"(".repeat(20_000)}\n---\na`, `a{1000}{1000}{1000}\n---\n${"a".repeat(5000)}`, `(.*)(.*)(.*)(.*)(.*)x\n---\n${"a".repeat(20_000)}`, `${"a|".repeat(20_000)}b\n---\n${"c".repeat(20_000)}`, `${"\\s*".repeat(50)}x\n---\n${" ".repeat(20_000)}`, `(a|aa)+$\n---\n${"a".repeat(50_000)}b`],
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
