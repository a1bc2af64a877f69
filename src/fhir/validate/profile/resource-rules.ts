/** What R4's text says of single resource types, beyond their definitions. */
import { checkBundle } from "../bundle/bundle.ts";
import { checkStructureDefinition } from "../conformance/structure-definition.ts";
import { checkCapabilityStatement } from "../conformance/capability-statement.ts";
import { checkCodeSystem } from "../conformance/code-system.ts";
import { checkConceptMap } from "../conformance/concept-map.ts";
import { checkOperationDefinition } from "../conformance/operation-definition.ts";
import { checkValueSet } from "../conformance/value-set.ts";
import { checkMeasureReport } from "../measure/report.ts";
import { checkQuestionnaire } from "../questionnaire/questionnaire.ts";
import { checkQuestionnaireResponse } from "../questionnaire/response.ts";
import type { ValueCheck } from "./invariants.ts";

export const resourceRules: Readonly<Record<string, readonly ValueCheck[]>> = {
  Bundle: [checkBundle],
  CapabilityStatement: [checkCapabilityStatement],
  CodeSystem: [checkCodeSystem],
  ConceptMap: [checkConceptMap],
  OperationDefinition: [checkOperationDefinition],
  Questionnaire: [checkQuestionnaire],
  MeasureReport: [checkMeasureReport],
  StructureDefinition: [checkStructureDefinition],
  QuestionnaireResponse: [checkQuestionnaireResponse],
  ValueSet: [checkValueSet],
};
