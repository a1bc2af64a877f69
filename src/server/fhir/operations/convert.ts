/**
 * $convert: a resource in another form. What comes in, in JSON or XML, goes out in the form that Accept or _format asks
 * for, with its numbers as they were written. Nothing is stored. Source: https://hl7.org/fhir/R4/resource-operation-convert.html
 */
import { fail, ok } from "#platform/result.ts";
import { hl7, type Operation } from "./operation.ts";
import { sentResource } from "./parameters.ts";

export const convert: Operation = {
  definition: { url: hl7("Resource-convert"), code: "convert", resource: "any", levels: ["system"], affectsState: false, input: [{ name: "resource", type: "Resource", min: 1 }] },
  async run(call) {
    const text = sentResource(call, "resource");
    return text === undefined ? fail("required", "$convert takes the resource in the body of a POST") : ok({ status: 200, text });
  },
};
