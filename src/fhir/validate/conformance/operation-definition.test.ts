import assert from "node:assert/strict";
import { test } from "node:test";
import { createRegistry } from "../../profiles/registry.ts";
import { createValidator } from "../validator.ts";

const base = "http://hl7.org/fhir/StructureDefinition/";
const url = "http://example.org/in";

/** Errors of an operation with one parameter, against a profile that slices it. */
function errors(parameter: object, slice: object, ...inner: object[]): string[] {
  const at = (member: string): object => ({ id: `Parameters.parameter:x${member}`, path: `Parameters.parameter${member}` });
  const profile = {
    resourceType: "StructureDefinition", url, name: "In", status: "draft", kind: "resource", abstract: false, type: "Parameters", baseDefinition: `${base}Parameters`, derivation: "constraint",
    differential: { element: [
      { id: "Parameters.parameter", path: "Parameters.parameter", slicing: { discriminator: [{ type: "value", path: "name" }], rules: "open" } },
      { ...at(""), sliceName: "x", ...slice }, { ...at(".name"), fixedString: "subject" }, ...inner.map((one) => ({ ...at((one as { on: string }).on), ...one, on: undefined })),
    ] },
  };
  const patient = { resourceType: "StructureDefinition", url: "http://example.org/patient", name: "P", status: "draft", kind: "resource", abstract: false, type: "Patient", baseDefinition: `${base}Patient`, derivation: "constraint", differential: { element: [{ path: "Patient" }] } };
  const { issues } = createValidator({ registry: createRegistry([profile, patient]) }).validate({
    resourceType: "OperationDefinition", name: "Op", status: "draft", kind: "operation", code: "op", system: false, type: true, instance: false, resource: ["Patient"],
    inputProfile: url, parameter: [{ name: "subject", use: "in", min: 0, max: "1", ...parameter }, { name: "subject", use: "out", min: 5, max: "*", type: "Patient" }],
  });
  return issues.filter(({ severity }) => severity === "error").map(({ text }) => text);
}

const resource = (code: string): object => ({ on: ".resource", type: [{ code }] });
const noValue = { on: ".value[x]", max: "0" };

test("the profile of an operation's parameters narrows them and does not contradict them", () => {
  assert.deepEqual(errors({ type: "Patient" }, { min: 1, max: "1" }, resource("Patient"), noValue), []);
  assert.deepEqual(errors({ type: "Resource" }, {}, resource("Patient"), noValue), []);
  assert.deepEqual(errors({ type: "string", max: "1" }, {}), []);
  assert.match(errors({ type: "Patient", max: "1" }, { min: 2 }, resource("Patient"), noValue)[0]!, /^OperationDefinition\.parameter\[0\]: at most 1 here, and http:\/\/example\.org\/in requires 2/);
  assert.match(errors({ type: "Patient", min: 1 }, { max: "0" })[0]!, /at least 1 here, and .* allows 0/);
  assert.match(errors({ type: "Patient" }, {}, resource("Group"), noValue)[0]!, /of type Patient here, and .* allows Group alone/);
});
