import assert from "node:assert/strict";
import { test } from "node:test";
import { createRegistry } from "../../profiles/registry.ts";
import { r4Terminology } from "../../terminology/r4.ts";
import { createValidator, type Settings } from "../validator.ts";

const base = "http://hl7.org/fhir/StructureDefinition/";
const url = "http://example.org/in";

/** Errors of an operation with one parameter, against a profile that slices it. */
function errors(parameter: object, slice: object, ...inner: object[]): string[] {
  return errorsWith({}, parameter, slice, ...inner);
}

function errorsWith(settings: Partial<Settings>, parameter: object, slice: object, ...inner: object[]): string[] {
  const at = (member: string): object => ({ id: `Parameters.parameter:x${member}`, path: `Parameters.parameter${member}` });
  const profile = {
    resourceType: "StructureDefinition", url, name: "In", status: "draft", kind: "resource", abstract: false, type: "Parameters", baseDefinition: `${base}Parameters`, derivation: "constraint",
    differential: { element: [
      { id: "Parameters.parameter", path: "Parameters.parameter", slicing: { discriminator: [{ type: "value", path: "name" }], rules: "open" } },
      { ...at(""), sliceName: "x", ...slice }, { ...at(".name"), fixedString: "subject" }, ...inner.map((one) => ({ ...at((one as { on: string }).on), ...one, on: undefined })),
    ] },
  };
  const patient = { resourceType: "StructureDefinition", url: "http://example.org/patient", name: "P", status: "draft", kind: "resource", abstract: false, type: "Patient", baseDefinition: `${base}Patient`, derivation: "constraint", differential: { element: [{ path: "Patient" }] } };
  const { issues } = createValidator({ registry: createRegistry([profile, patient]), terminology: r4Terminology(), settings }).validate({
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

test("where it must say the same, narrowing is told too", () => {
  const equal = (parameter: object, slice: object, ...inner: object[]): string[] => errorsWith({ operationProfiles: "equal" }, parameter, slice, ...inner);
  assert.deepEqual(equal({ type: "Patient" }, { min: 0, max: "1" }, resource("Patient"), noValue), []);
  assert.match(equal({ type: "Patient" }, { min: 1, max: "1" }, resource("Patient"), noValue)[0]!, /^OperationDefinition\.parameter\[0\]: min is 0 here, 1 in /);
  assert.match(equal({ type: "Patient", max: "*" }, { max: "1" }, resource("Patient"), noValue)[0]!, /max is \* here, 1 in /);
  assert.match(equal({ type: "Resource" }, { max: "1" }, resource("Patient"), noValue)[0]!, /types are Resource here, Patient in /);
  const reference = [{ on: ".value[x]", type: [{ code: "Reference", targetProfile: ["http://example.org/patient"] }] }, { on: ".resource", max: "0" }];
  assert.deepEqual(equal({ type: "Reference", targetProfile: ["http://example.org/patient"] }, { max: "1" }, ...reference), []);
  assert.match(equal({ type: "Reference" }, { max: "1" }, ...reference)[0]!, /targets are not restricted here, http:\/\/example\.org\/patient in /);
  assert.match(errorsWith({ places: "hl7" }, { type: "Patient", min: 1 }, { max: "0" })[0]!, /^OperationDefinition\.inputProfile\.parameter\[0\]: at least 1 here/);
});

test("a parameter of several types takes what one of them takes", () => {
  const several = { type: "Element", extension: ["string", "code"].map((valueUri) => ({ url: "http://hl7.org/fhir/StructureDefinition/operationdefinition-allowed-type", valueUri })) };
  const value = (code: string): object => ({ on: ".value[x]", type: [{ code }] });
  assert.deepEqual(errors(several, {}, value("code"), { on: ".resource", max: "0" }), []);
  assert.match(errors(several, {}, value("boolean"), { on: ".resource", max: "0" })[0]!, /of type string, code here, and .* allows boolean alone/);
});

test("a targetProfile stands with references, canonicals and resources (opd-3 as put right)", () => {
  const targetProfile = ["http://example.org/patient"];
  for (const type of ["Reference", "canonical", "Patient"]) assert.deepEqual(errors({ type, targetProfile }, {}).filter((text) => text.includes("opd-3")), []);
  assert.match(errors({ type: "string", targetProfile }, {})[0]!, /opd-3/);
});
