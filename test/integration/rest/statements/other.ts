/**
 * Statements of https://hl7.org/fhir/R4/operations.html, async.html, bundle.html, binary.html and
 * compartmentdefinition.html (4.0.1), by anchor. In words of our own.
 */
import { not, type Statement } from "./statement.ts";

export const otherStatements = [
  ["operations #executing-1", "rule", "on the base, a type and an instance, by POST"],
  ["operations #executing-2", "rule", "one that changes something is not served by GET"],
  ["operations #executing-3", "rule", "one without parameters is posted with an empty body"],
  ["operations #executing-4", "rule", "HEAD as GET"],
  ["operations #request-1", "SHALL", "one that changes nothing, with primitive parameters, by GET"],
  ["operations #request-2", "rule", "parameters that repeat are repeated in the url"],
  ["operations #request-3", "rule", "the one input that is a resource may be the body itself"],
  ["operations #response-1", "SHOULD", "a failure is 4xx or 5xx with an OperationOutcome"],
  ["operations #response-2", "rule", "the one output called return, a resource, is the answer itself; else Parameters"],
  ["operations #response-3", "SHALL", "a Binary is answered as by read", not("no operation here answers a Binary")],
  ["operations #response-4", "rule", "content is negotiated as elsewhere"],
  ["async #kick-off-1", "rule", "Prefer: respond-async: 202 with Content-Location"],
  ["async #kick-off-2", "rule", "what is refused at once is 4xx"],
  ["async #delete-1", "rule", "DELETE of the status address: 202, then it is unknown"],
  ["async #status-1", "rule", "in progress: 202, X-Progress below 100 characters, Retry-After"],
  ["async #status-2", "rule", "complete: 200, application/json, transactionTime, request, requiresAccessToken, output, error; Expires"],
  ["async #file-1", "rule", "a file is application/fhir+ndjson, for who may ask for it"],
  ["bundle #history-1", "SHALL", "each entry of a history has a response; of POST and PUT with the location of the version"],
  ["bundle #history-2", "rule", "total of a history counts its versions; it is left out where the page does not hold all of them"],
  ["bundle #rest-1", "rule", "a Bundle that is posted to /Bundle is stored, not processed"],
  ["bundle #bundle-unique-1", "SHALL NOT", "fullUrl does not disagree with the id"],
  ["bundle #bundle-unique-2", "SHALL", "no fullUrl stands twice in a Bundle but in a history"],
  ["bundle #references-1", "rule", "a relative reference in a transaction is relative to the base of its entry's fullUrl"],
  ["bundle #search-1", "rule", "entries of a searchset have search.mode, and a fullUrl"],
  ["binary #rest-1", "SHOULD", "read without a FHIR form named: the content, as its own type"],
  ["binary #rest-2", "rule", "read with a FHIR form named: the resource"],
  ["binary #rest-3", "SHOULD", "create and update take content of any type, which becomes the Binary's"],
  ["binary #rest-4", "rule", "content in a FHIR form that is another resource is content; a Binary is the resource itself"],
  ["binary #rest-5", "rule", "X-Security-Context is the securityContext"],
  ["binary #security-1", "rule", "access to a Binary is as to what its securityContext refers to"],
  ["binary #security-2", "rule", "a Binary without securityContext is for those who see everything"],
  ["compartment #1", "rule", "a resource is in a compartment by any of the parameters of its definition"],
  ["compartment #2", "rule", "a type that is never in a compartment is refused there"],
] as const satisfies readonly Statement[];
