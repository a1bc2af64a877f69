/**
 * $versions: the versions of FHIR that are spoken at this base. Like the CapabilityStatement it needs no sign-in.
 * Source: https://hl7.org/fhir/R4/capabilitystatement-operation-versions.html
 */
import type { FastifyInstance } from "fastify";
import { fhirJson } from "../http/forms.ts";
import { hl7 } from "./operations/operation.ts";

export const versionsUrl = hl7("CapabilityStatement-versions");

const spoken = "4.0";

/** Who asks for plain JSON or XML, and not for FHIR, gets the short forms that the operation defines for them. */
const plain: Readonly<Record<string, string | undefined>> = {
  __proto__: null as never,
  "application/json; charset=utf-8": JSON.stringify({ versions: [spoken], default: spoken }),
  "application/xml; charset=utf-8": `<versions><version>${spoken}</version><default>${spoken}</default></versions>`,
};

export function versionsRoute(app: FastifyInstance): void {
  app.route({
    method: ["GET", "POST"], url: "/$versions", config: { open: true },
    handler(request, reply) {
      const contentType = request.layout?.form.contentType ?? fhirJson;
      const short = plain[contentType];
      if (short !== undefined) return reply.header("content-type", contentType).send(short);
      return reply.header("content-type", fhirJson).send(JSON.stringify({ resourceType: "Parameters", parameter: [{ name: "version", valueCode: spoken }, { name: "default", valueCode: spoken }] }));
    },
  });
}
