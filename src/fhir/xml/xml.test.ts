import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { cpuSeconds } from "#platform/cpu-time.ts";
import { parseLiterals } from "../json/literals.ts";
import { jsonFromXml } from "./from-xml.ts";
import { xmlFromJson } from "./to-xml.ts";

function json(xml: string | Uint8Array): string {
  const result = jsonFromXml(xml);
  assert.ok(result.ok, result.ok ? "" : result.failure.text);
  return result.value;
}

function xml(source: string): string {
  const result = xmlFromJson(source);
  assert.ok(result.ok, result.ok ? "" : result.failure.text);
  return result.value.replace('<?xml version="1.0" encoding="UTF-8"?>\n', "").trimEnd();
}

const ns = 'xmlns="http://hl7.org/fhir"';
const div = '<div xmlns="http://www.w3.org/1999/xhtml">';

test("elements, primitives with id and extension, and attributes", () => {
  assert.equal(json(`<?xml version="1.0" encoding="UTF-8"?><!-- c --><Patient ${ns}>
    <id value="a"/><!-- comment --><?pi x?>
    <extension url="http://e"><valueString value="x &amp; &quot;y&quot; &#x4e2d;"/></extension>
    <name id="n"><family value="Li"/><given value="Wei"/><given><extension url="http://u"><valueCode value="masked"/></extension></given></name>
    <birthDate id="b" value="1980"/></Patient>`),
  '{"resourceType":"Patient","id":"a","extension":[{"url":"http://e","valueString":"x & \\"y\\" 中"}],"name":[{"id":"n","family":"Li","given":["Wei",null],"_given":[null,{"extension":[{"url":"http://u","valueCode":"masked"}]}]}],"birthDate":"1980","_birthDate":{"id":"b"}}');
});

test("a repeating primitive of which none has a value", () => {
  assert.equal(json(`<Patient ${ns}><name><given id="g"/></name></Patient>`), '{"resourceType":"Patient","name":[{"_given":[{"id":"g"}]}]}');
});

test("number literals are kept both ways", () => {
  const source = '{"resourceType":"Observation","status":"final","code":{"text":"x"},"valueQuantity":{"value":1.50},"component":[{"code":{"text":"y"},"valueQuantity":{"value":1e-3}},{"code":{"text":"z"},"valueInteger":-7}]}';
  assert.match(xml(source), /<value value="1.50"\/>.*<value value="1e-3"\/>.*<valueInteger value="-7"\/>/);
  assert.equal(json(xml(source)), source);
  assert.equal(json(`<Observation ${ns}><valueInteger value="+5"/></Observation>`), '{"resourceType":"Observation","valueInteger":5}');
});

test("the narrative is verbatim", () => {
  const inner = `${div}\n <p title='a'>A &lt; B<br/>&#160;<!-- kept --><![CDATA[<x>]]></p></div>`;
  assert.equal((JSON.parse(json(`<Patient ${ns}><text><status value="generated"/>${inner}</text></Patient>`)) as { text: { div: string } }).text.div, inner);
  const source = JSON.stringify({ resourceType: "Patient", text: { status: "generated", div: inner } });
  assert.equal(json(xml(source)), source);
});

test("prefixes: resource and narrative may use them, the narrative is written without", () => {
  assert.equal(json('<f:Patient xmlns:f="http://hl7.org/fhir" xmlns:h="http://www.w3.org/1999/xhtml"><f:text><f:status value="generated"/><h:div><h:p xml:lang="de">Ä</h:p></h:div></f:text></f:Patient>'),
    `{"resourceType":"Patient","text":{"status":"generated","div":${JSON.stringify(`${div}<p xml:lang="de">Ä</p></div>`)}}}`);
});

test("contained resources, bundles, xsi:schemaLocation", () => {
  const source = '{"resourceType":"Bundle","type":"collection","entry":[{"fullUrl":"urn:x","resource":{"resourceType":"List","contained":[{"resourceType":"Patient","id":"p"},{"resourceType":"Patient","id":"q"}],"status":"current","mode":"working"}}]}';
  assert.equal(json(xml(source)), source);
  assert.equal(json(`<Patient ${ns} xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="a b"><active value="true"/></Patient>`), '{"resourceType":"Patient","active":true}');
});

test("elements are written in the definition's order, whatever the JSON's", () => {
  assert.equal(xml('{"birthDate":"1980","name":[{"text":"x"}],"id":"a","resourceType":"Patient"}'), `<Patient ${ns}><id value="a"/><name><text value="x"/></name><birthDate value="1980"/></Patient>`);
});

test("any order is taken when asked for", () => {
  const result = jsonFromXml(`<Patient ${ns}><birthDate value="1980"/><name><family value="B"/><use value="usual"/></name><id value="p"/><name><text value="x"/></name></Patient>`, { anyOrder: true });
  assert.ok(result.ok && result.value === '{"resourceType":"Patient","id":"p","name":[{"use":"usual","family":"B"},{"text":"x"}],"birthDate":"1980"}');
  assert.equal(jsonFromXml(body("<birthDate value='1'/><active value='x'/>"), { anyOrder: true }).ok, false);
  assert.equal(jsonFromXml(body("<birthDate value='1'/><birthDate value='2'/>"), { anyOrder: true }).ok, false);
});

test("white space in attribute values: written as references, read as XML says", () => {
  const source = '{"resourceType":"Basic","code":{"text":"a\\n\\tb\\r <&\\"\'"}}';
  assert.equal(json(xml(source)), source);
  assert.equal(json(`<Basic ${ns}><code><text value="a\n\tb"/></code></Basic>`), '{"resourceType":"Basic","code":{"text":"a  b"}}');
});

test("bytes: UTF-8 with or without mark; other encodings are refused", () => {
  const text = `<Basic ${ns}><code><text value="Ü中"/></code></Basic>`;
  assert.equal(json(Buffer.from(`\uFEFF${text}`)), '{"resourceType":"Basic","code":{"text":"Ü中"}}');
  for (const bytes of [Buffer.from(text, "latin1"), Buffer.from(text, "utf16le"), Buffer.from(`<?xml version="1.0" encoding="ISO-8859-1"?>${text}`)]) assert.equal(jsonFromXml(bytes).ok, false);
});

const body = (inner: string) => `<Patient ${ns}>${inner}</Patient>`;
const malformed: readonly [string, string, RegExp][] = [
  ["nothing", "", /line 1, column 1: there is no element/],
  ["only a comment", "<!-- x -->", /there is no element/],
  ["text", "Patient", /text outside/],
  ["not closed", `<Patient ${ns}>`, /ends inside <Patient>/],
  ["tag not closed", `<Patient ${ns}`, /not closed/],
  ["crossed", body("<name><text value='x'></name></text>"), /expected <\/text>/],
  ["two roots", `${body("")}<Patient/>`, /second root/],
  ["text after", `${body("")}x`, /text outside/],
  ["line and column", body("\n\n  <nmae/>"), /line 3, column 3: Patient has no element <nmae>; did you mean <name>/],
  ["unknown resource", `<Person2 ${ns}/>`, /no R4 resource/],
  ["abstract resource", `<DomainResource ${ns}/>`, /no R4 resource/],
  ["no namespace", "<Patient/>", /namespace of FHIR/],
  ["another namespace inside", body('<name xmlns="urn:x"/>'), /namespace "urn:x"/],
  ["unknown element", body("<nonsense value='1'/>"), /no element <nonsense>/],
  ["prototype keys", body("<__proto__ value='1'/>"), /no element/],
  ["constructor", body("<constructor value='1'/>"), /no element/],
  ["unknown attribute", body("<active value='true' x='1'/>"), /no attribute x/],
  ["value of a complex element", body("<name value='x'/>"), /no attribute value/],
  ["id attribute of a resource", `<Patient ${ns} id="x"/>`, /no attribute id/],
  ["same attribute twice", body("<active value='true' value='false'/>"), /stands twice/],
  ["text in an element", body("<active>true</active>"), /attribute "value"/],
  ["no value", body("<active/>"), /neither a value nor an extension/],
  ["twice", body("<active value='true'/><active value='true'/>"), /stands twice/],
  ["out of order", body("<birthDate value='1980'/><active value='true'/>"), /<active> must stand before <birthDate>/],
  ["split list", body("<name><text value='a'/></name><active value='true'/><name><text value='b'/></name>"), /must stand before/],
  ["two of one choice", body("<deceasedBoolean value='true'/><deceasedDateTime value='2000'/>"), /holds both/],
  ["boolean", body("<active value='yes'/>"), /no boolean/],
  ["integer", body("<multipleBirthInteger value='1.5'/>"), /no whole number/],
  ["decimal", `<Observation ${ns}><valueQuantity><value value=".5"/></valueQuantity></Observation>`, /no decimal/],
  ["doctype", `<!DOCTYPE Patient>${body("")}`, /DOCTYPE/],
  ["billion laughs", `<!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]>${body("<language value='&b;'/>")}`, /DOCTYPE/],
  ["external entity", `<!DOCTYPE l [<!ENTITY a SYSTEM "file:///etc/passwd">]>${body("<language value='&a;'/>")}`, /DOCTYPE/],
  ["doctype inside", body("<!DOCTYPE x>"), /DOCTYPE/],
  ["unknown entity", body("<language value='&nbsp;'/>"), /&nbsp; is not defined/],
  ["bare ampersand", body("<language value='a & b'/>"), /&amp;/],
  ["reference to NUL", body("<language value='&#0;'/>"), /not defined/],
  ["reference to a surrogate", body("<language value='&#xD800;'/>"), /not defined/],
  ["reference out of range", body("<language value='&#x110000;'/>"), /not defined/],
  ["control character", body("<language value='\u0001'/>"), /U\+0001/],
  ["lone surrogate", body("<language value='\ud800'/>"), /surrogate/],
  ["less-than in a value", body("<language value='<'/>"), /&lt;/],
  ["value without quotes", body("<language value=en/>"), /in quotes/],
  ["end of CDATA in text", body("<text><status value='generated'/><div xmlns='http://www.w3.org/1999/xhtml'>a]]></div></text>"), /]]&gt;/],
  ["comment with dashes", body("<!-- a -- b -->"), /"--"/],
  ["comment open", `${body("")}<!-- `, /not closed/],
  ["declaration late", body('<?xml version="1.0"?>'), /very beginning/],
  ["prefix not declared", body("<x:name/>"), /not declared/],
  ["empty contained", body("<contained/>"), /holds no resource/],
  ["two in contained", body("<contained><Basic/><Basic/></contained>"), /more than one/],
  ["narrative not XHTML", body("<text><status value='generated'/><div/></text>"), /xhtml/],
  ["narrative with entity", body(`<text><status value='generated'/>${div}&nbsp;</div></text>`), /&nbsp;/],
  ["deep", `<Patient ${ns}>${"<extension url='x'>".repeat(200)}`, /deeper than 100/],
  ["many attributes", `<Patient ${ns} ${Array.from({ length: 300 }, (_, i) => `a${i}="1"`).join(" ")}/>`, /attributes/],
];

test("malformed input is refused with a place and a reason", () => {
  for (const [name, source, reason] of malformed) {
    const result = jsonFromXml(source);
    assert.ok(!result.ok, `${name}: must be refused, gave ${result.ok && result.value}`);
    assert.match(result.failure.text, reason, name);
  }
});

test("size is bounded, and long input is read in linear time", () => {
  assert.equal(jsonFromXml(body(""), { sizeMax: 10 }).ok, false);
  const started = cpuSeconds();
  for (const source of [
    body("<name>".repeat(1_000_000)), body(`<language value='${"x".repeat(10_000_000)}'/>`), body(`<language value='${"&amp;".repeat(1_000_000)}'/>`),
    `<Patient ${ns} ${"a ".repeat(1_000_000)}`, "<".repeat(1_000_000), `<Patient ${" ".repeat(5_000_000)}`, body("<name id='1'/>".repeat(100_000)), body("<!-- x -->".repeat(300_000)),
    body(`${"x".repeat(10)}<!--`.repeat(100_000)), body("   \n   <name><text value='x'/></name>".repeat(100_000)), body("a]]>"), `<Patient ${ns} ${Array.from({ length: 200 }, (_, i) => `a${i}='${"x".repeat(20_000)}'`).join(" ")}/>`,
  ]) jsonFromXml(source);
  assert.ok(cpuSeconds() - started < 5);
});

const unwritable: readonly [string, RegExp][] = [
  ['{"resourceType":"Patient","nonsense":1}', /Patient has no member "nonsense"/],
  ['{"resourceType":"Patient","name":{"text":"x"}}', /Patient.name: is no array/],
  ['{"resourceType":"Patient","name":["x"]}', /Patient.name\[0\]: must be a JSON object/],
  ['{"resourceType":"Patient","active":"true"}', /Patient.active: must be true or false/],
  ['{"resourceType":"Patient","birthDate":["1980"]}', /is an array/],
  ['{"resourceType":"Patient","language":"\\u0001"}', /U\+0001/],
  ['{"resourceType":"Patient","name":[{"given":[null]}]}', /neither a value/],
  ['{"resourceType":"Patient","_name":[{}]}', /no member "_name"/],
  ['{"resourceType":"Patient","name":[]}', /Patient.name: is an empty array/],
  ['{"resourceType":"Patient","multipleBirthInteger":0.1}', /Patient.multipleBirthInteger: is 0.1; it must be a whole number/],
  ['{"resourceType":"Nobody"}', /no R4 resource type/],
  ['{"resourceType":"Patient","contained":["x"]}', /a resource is a JSON object/],
  ['{"resourceType":"Patient","text":{"status":"generated","div":"<div>x</div>"}}', /the narrative is one <div/],
  [JSON.stringify({ resourceType: "Patient", text: { status: "generated", div: `${div}x</div><status value="y"/>` } }), /second root/],
  [JSON.stringify({ resourceType: "Patient", text: { status: "generated", div: `${div}&nbsp;</div>` } }), /&nbsp;/],
];

test("JSON that XML cannot hold is refused with its path", () => {
  for (const [source, reason] of unwritable) {
    const result = xmlFromJson(source);
    assert.ok(!result.ok, source);
    assert.match(result.failure.text, reason);
  }
});

const word = fc.string({ unit: "binary", maxLength: 12 }).filter(text => text.isWellFormed() && !/[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/.test(text) && text !== "");
const extension = fc.record({ url: fc.webUrl(), valueString: word });
const patients = fc.record({
  resourceType: fc.constant("Patient"), id: fc.stringMatching(/^[A-Za-z0-9.-]{1,20}$/), active: fc.boolean(), _active: fc.record({ id: word }),
  extension: fc.array(extension, { minLength: 1, maxLength: 3 }),
  name: fc.array(fc.record({ family: word, _family: fc.record({ extension: fc.array(extension, { minLength: 1, maxLength: 2 }) }), period: fc.record({ start: word }) }, { requiredKeys: ["family"] }), { minLength: 1, maxLength: 3 }),
  multipleBirthInteger: fc.integer(),
}, { requiredKeys: ["resourceType"] });

test("any writable resource comes back equal", () => {
  fc.assert(fc.property(patients, patient => {
    const source = JSON.stringify(patient);
    const back = parseLiterals(json(xml(source)));
    assert.ok(back.ok);
    assert.deepEqual(back.value, JSON.parse(source));
  }), { numRuns: 300 });
});

const pieces = fc.constantFrom("<", ">", "/", "</", "/>", "<!--", "-->", "<?", "?>", "<![CDATA[", "]]>", "<!DOCTYPE", "&", "&amp;", "&#x41;", ";", "'", '"', "=", " ", "\n", "value", "id", "name", "given", "text", "div", "Patient", "xmlns", ":", ns, "active", "true", "\u00e9", "\u{1f600}", "\ud800", "\0");

test("no text makes the reader throw or answer what is not JSON", () => {
  const good = body(`<text><status value="generated"/>${div}<p>x</p></div></text><name><given value="A"/><given id="x"/></name><active value="true"/>`);
  const soup = fc.oneof(fc.array(pieces, { maxLength: 40 }).map(parts => parts.join("")),
    fc.tuple(fc.nat(good.length), fc.nat(10), fc.array(pieces, { maxLength: 4 })).map(([at, cut, parts]) => good.slice(0, at) + parts.join("") + good.slice(at + cut)));
  fc.assert(fc.property(soup, source => {
    const result = jsonFromXml(source);
    if (result.ok) JSON.parse(result.value); else assert.ok(result.failure.text.length > 0);
  }), { numRuns: 3000 });
});
