/** What R4's text says of single resource types, beyond their definitions. */
import { checkBundle } from "../bundle/bundle.ts";
import { checkQuestionnaireResponse } from "../questionnaire/response.ts";
import type { ValueCheck } from "./invariants.ts";

export const resourceRules: Readonly<Record<string, readonly ValueCheck[]>> = {
  Bundle: [checkBundle],
  QuestionnaireResponse: [checkQuestionnaireResponse],
};
