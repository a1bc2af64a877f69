/**
 * CapabilityStatement: GET /metadata. Says what this server does, from the same tables that do it.
 * Source: https://hl7.org/fhir/R4/capabilitystatement.html
 */
import type { FastifyInstance } from "fastify";
import { resourceTypes, searchParametersOf } from "#fhir/definitions/load.ts";
import { isIndexed } from "#fhir/search/index-rows.ts";
import { fhirJson } from "../http/outcome.ts";
import { baseOf } from "./responses.ts";

const interactions = ["read", "vread", "update", "delete", "history-instance", "history-type", "create", "search-type"];

function restResource(type: string): object {
  const parameters = searchParametersOf(type).filter(isIndexed);
  const references = parameters.filter((parameter) => parameter.type === "reference").map((parameter) => `${type}:${parameter.code}`);
  return {
    type,
    interaction: interactions.map((code) => ({ code })),
    versioning: "versioned", readHistory: true, updateCreate: true,
    conditionalCreate: true, conditionalRead: "full-support", conditionalUpdate: true, conditionalDelete: "single",
    ...(references.length > 0 ? { searchInclude: references } : {}),
    ...(parameters.length > 0 ? { searchParam: parameters.map((parameter) => ({ name: parameter.code, definition: parameter.url, type: parameter.type })) } : {}),
    ...(type === "Patient" ? { operation: [{ name: "everything", definition: "http://hl7.org/fhir/OperationDefinition/Patient-everything" }] } : {}),
  };
}

let resources: object[] | undefined;

export function capabilityStatement(base: string, started: string): object {
  resources ??= resourceTypes().filter((type) => type !== "Parameters").map(restResource);
  return {
    resourceType: "CapabilityStatement",
    status: "active", date: started, kind: "instance", fhirVersion: "4.0.1",
    format: ["application/fhir+json", "json"],
    software: { name: "Salus" },
    implementation: { description: "Salus health record", url: base },
    rest: [{
      mode: "server",
      security: { cors: false, description: "Bearer token or session cookie; every answer holds only what the caller may see. A search parameter that is not known is refused (strict handling)." },
      resource: resources,
      interaction: [{ code: "transaction" }, { code: "batch" }, { code: "history-system" }],
    }],
  };
}

export function capabilityRoute(app: FastifyInstance): void {
  const started = new Date().toISOString();
  app.get("/metadata", { config: { open: true } }, (request, reply) =>
    reply.header("content-type", fhirJson).send(JSON.stringify(capabilityStatement(baseOf(request), started))));
}
