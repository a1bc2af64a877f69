import assert from "node:assert/strict";
import test from "node:test";
import { unreadable } from "./negotiate.ts";

test("a body in another version, charset or coding is not read", () => {
  for (const type of ["application/fhir+json", "application/json; charset=UTF-8", 'application/fhir+json; fhirVersion="4.0"', "application/fhir+xml"]) assert.equal(unreadable("POST", type, undefined), undefined, type);
  for (const coding of ["identity", "gzip", "br", "deflate", "GZIP"]) assert.equal(unreadable("POST", "application/fhir+json", coding), undefined, coding);
  assert.ok(unreadable("POST", "application/fhir+json; fhirVersion=3.0", undefined));
  assert.ok(unreadable("POST", "application/fhir+json; charset=utf-16", undefined));
  for (const coding of ["zstd", "gzip, gzip", "aes128gcm"]) assert.ok(unreadable("POST", "application/fhir+json", coding), coding);
});

test("http.html#patch: patches go with PATCH, and PATCH takes patches and Parameters alone", () => {
  for (const type of ["application/json-patch+json", "application/xml-patch+xml"]) {
    assert.equal(unreadable("PATCH", `${type}; charset=utf-8`, undefined), undefined);
    for (const method of ["POST", "PUT"]) assert.ok(unreadable(method, type, undefined), method);
  }
  for (const type of ["application/fhir+json", "application/fhir+xml"]) assert.equal(unreadable("PATCH", type, undefined), undefined);
  for (const type of ["application/x-www-form-urlencoded", "text/plain", "application/merge-patch+json"]) assert.ok(unreadable("PATCH", type, undefined), type);
});
