/** XML → JSON → XML → JSON: what is read can be written, and reads the same again. */
import assert from "node:assert/strict";
import type { Target } from "../target.ts";

const ns = 'xmlns="http://hl7.org/fhir"';

export const target: Target = {
  rooms: ["src/fhir/xml/"],
  seeds: [
    `<?xml version="1.0" encoding="UTF-8"?><Patient ${ns}><id value="a"/><text><status value="generated"/><div xmlns="http://www.w3.org/1999/xhtml"><p class='x'>A &lt; B<br/>&#160;<!-- c --><![CDATA[<x>]]></p></div></text><extension url="http://e"><valueString value="x &amp; &#x4e2d;"/></extension><name id="n"><family value="Li"/><given value="Wei"/><given><extension url="http://u"><valueCode value="masked"/></extension></given></name><birthDate id="b" value="1980"/></Patient>`,
    `<f:Observation xmlns:f="http://hl7.org/fhir"><f:contained><f:Patient><f:active value="true"/></f:Patient></f:contained><f:status value="final"/><f:code><f:text value="x"/></f:code><f:valueQuantity><f:value value="1.50e-3"/></f:valueQuantity></f:Observation>`,
    `<Bundle ${ns} xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="a b"><type value="collection"/><entry><fullUrl value="urn:x"/><resource><Basic><code><text value="a&#10;b"/></code></Basic></resource></entry></Bundle>`,
    `<!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><Patient ${ns}><language value="&b;"/></Patient>`,
  ],
  words: ["<!--", "-->", "<![CDATA[", "]]>", "<?pi ?>", "&amp;", "&#x10FFFF;", "&#0;", "<!DOCTYPE x>", ' xmlns="urn:x"', "/>", "</", ' value="1"', "<active value='true'/>", "<name>", "</name>", "<contained>", "</contained>", "xml:lang"],
  giants: () => [
    `<Patient ${ns}>${"<extension url='x'>".repeat(300_000)}`, `<Patient ${ns}><text><status value="generated"/><div xmlns="http://www.w3.org/1999/xhtml">${"<b>".repeat(500_000)}`, `<Patient ${ns}><language value="${"x".repeat(10_000_000)}"/></Patient>`, `<Patient ${ns}><language value="${"&#65;".repeat(1_000_000)}"/></Patient>`, `<Patient ${ns}>${"<name><family value='x'/></name>".repeat(200_000)}</Patient>`,
    `<Patient ${Array.from({ length: 50_000 }, (_, i) => `xmlns:n${i}="urn:${i}"`).join(" ")}/>`, `<Patient ${ns}>${"<!---->".repeat(500_000)}</Patient>`, `<!DOCTYPE x [${'<!ENTITY a "&b;&b;&b;">'.repeat(100_000)}]><Patient/>`, Buffer.concat([Buffer.from(`<Patient ${ns}>`), Buffer.alloc(3_000_000, 0x80)]),
    `<Patient ${ns}><text><status value="generated"/><h:div xmlns:h="http://www.w3.org/1999/xhtml">${"<h:p>x</h:p>".repeat(100_000)}</h:div></text></Patient>`,
  ],
  async open() {
    const { jsonFromXml } = await import("#fhir/xml/from-xml.ts");
    const { xmlFromJson } = await import("#fhir/xml/to-xml.ts");
    return (input) => {
      const json = jsonFromXml(input);
      jsonFromXml(input, { anyOrder: true });
      if (!json.ok) { assert.match(json.failure.text, /line \d+, column \d+|UTF-8|offset|bytes|characters/); return; }
      const xml = xmlFromJson(json.value);
      assert.ok(xml.ok, xml.ok ? "" : xml.failure.text);
      const again = jsonFromXml(xml.value);
      assert.ok(again.ok, again.ok ? "" : again.failure.text);
      assert.equal(again.value, json.value);
    };
  },
};
