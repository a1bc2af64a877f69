/** SNOMED CT's Expression Constraint Language: any text parses or is refused by place. */
import assert from "node:assert/strict";
import { textOf, type Target } from "../target.ts";

export const target: Target = {
  rooms: ["src/fhir/terminology/ecl/"],
  seeds: [
    "<< 404684003 |Clinical finding| : 363698007 = << 39057004, { 116676008 = (< 1 OR > 2) }", "^ 700043003 MINUS (< 64572001 AND *) {{ D term = (match:\"heart\" wild:\"a*\"), language = en, typeId = 900000000000013009 }}", "< 373873005 : [1..3] 127489000 != *, R 1142135004 >= #20, 774158006 = \"x\"", "(< 19829001).363698007.<<! 91723000 {{ C definitionStatus = primitive, active = true, moduleId = 1 }} {{ + HISTORY-MIN }}", "!!> (>> 1 OR childOf 2) /* c */ {{ M mapTarget = \"J45\" }}",
  ],
  words: ["<", "<<", ">!", "^", "*", "{{", "}}", "AND", "OR", "MINUS", "[0..*]", "#1.5", "\"x\"", "|t|", "descendantOf", "memberOf", "R ", ":", "=", "!="],
  giants: () => ["(".repeat(1_000_000), "<< ".repeat(500_000), `1 ${"OR 1 ".repeat(300_000)}`, `1 |${"x".repeat(5_000_000)}`, `/*${"*".repeat(3_000_000)}`, `1 : ${"{".repeat(500_000)}`, `1 {{ D term = "${"\\\\".repeat(1_000_000)}`, "9".repeat(3_000_000), `1${".1".repeat(300_000)}`],
  async open() {
    const { parseEcl } = await import("#fhir/terminology/ecl/parse.ts");
    return (input) => {
      const parsed = parseEcl(textOf(input));
      if (!parsed.ok) assert.match(parsed.failure.text, /\d|character|place|long/);
    };
  },
};
