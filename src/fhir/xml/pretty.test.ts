import assert from "node:assert/strict";
import test from "node:test";
import { jsonFromXml } from "./from-xml.ts";
import { prettyXml } from "./pretty.ts";
import { xmlFromJson } from "./to-xml.ts";

test("elements stand on lines of their own, the narrative as it is, and the content reads the same", () => {
  const json = '{"resourceType":"Patient","text":{"status":"generated","div":"<div xmlns=\\"http://www.w3.org/1999/xhtml\\"><div>a <b>b</b></div> c<br/></div>"},"name":[{"family":"a > b"}],"contained":[{"resourceType":"Basic","id":"x","code":{"text":"y"}}]}';
  const xml = xmlFromJson(json);
  assert.ok(xml.ok);
  const pretty = prettyXml(xml.value);
  assert.ok(pretty.includes("    <div xmlns=\"http://www.w3.org/1999/xhtml\"><div>a <b>b</b></div> c<br/></div>\n  </text>\n"), pretty);
  assert.match(pretty, /\n  <name>\n    <family value="a (?:>|&gt;) b"\/>\n  <\/name>\n<\/Patient>\n$/);
  const [a, b] = [jsonFromXml(xml.value), jsonFromXml(pretty)];
  assert.ok(a.ok && b.ok);
  assert.deepEqual(JSON.parse(b.value), JSON.parse(a.value));
});
