/** Every operation of the FHIR API. */
import { codeSystemBatchValidate, valueSetBatchValidate } from "./batch-validate-code.ts";
import { codeSystemValidateCode } from "./code-system-validate-code.ts";
import { encounterEverything, patientEverything } from "./everything.ts";
import { expand } from "./expand.ts";
import { lookup } from "./lookup.ts";
import type { Operation } from "./operation.ts";
import { subsumes } from "./subsumes.ts";
import { translate } from "./translate.ts";
import { valueSetValidateCode } from "./value-set-validate-code.ts";

export const operations: readonly Operation[] = [
  patientEverything, encounterEverything,
  lookup, codeSystemValidateCode, codeSystemBatchValidate, subsumes,
  expand, valueSetValidateCode, valueSetBatchValidate, translate,
];
