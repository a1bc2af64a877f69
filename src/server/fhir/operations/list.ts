/** Every operation of the FHIR API. */
import { codeSystemBatchValidate, valueSetBatchValidate } from "./batch-validate-code.ts";
import { codeSystemValidateCode } from "./code-system-validate-code.ts";
import { convert } from "./convert.ts";
import { document } from "./document.ts";
import { encounterEverything, patientEverything } from "./everything.ts";
import { expand } from "./expand.ts";
import { groupExport, patientExport, systemExport } from "./export.ts";
import { graphql } from "./graphql.ts";
import { bulkImport } from "./import.ts";
import { lastn } from "./lastn.ts";
import { lookup } from "./lookup.ts";
import { merge, unmerge } from "./merge.ts";
import { meta, metaAdd, metaDelete } from "./meta.ts";
import type { Operation } from "./operation.ts";
import { purge } from "./purge.ts";
import { subscriptionBindingToken } from "./subscription-binding-token.ts";
import { subscriptionEvents } from "./subscription-events.ts";
import { subscriptionSecret } from "./subscription-secret.ts";
import { subscriptionStatus } from "./subscription-status.ts";
import { subsumes } from "./subsumes.ts";
import { translate } from "./translate.ts";
import { validate } from "./validate.ts";
import { valueSetValidateCode } from "./value-set-validate-code.ts";
import { viewExport } from "./view-export.ts";
import { viewRun, viewRunByType } from "./view-run.ts";

export const operations: readonly Operation[] = [
  meta, metaAdd, metaDelete, validate, convert, graphql,
  patientEverything, encounterEverything, lastn, document,
  merge, unmerge, purge,
  viewRun, viewRunByType, viewExport,
  systemExport, patientExport, groupExport, bulkImport,
  lookup, codeSystemValidateCode, codeSystemBatchValidate, subsumes,
  expand, valueSetValidateCode, valueSetBatchValidate, translate,
  subscriptionStatus, subscriptionEvents, subscriptionBindingToken, subscriptionSecret,
];
