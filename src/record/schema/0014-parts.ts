/**
 * Parameters that read just what others read together (combo-code) have no rows of their own any more: `partsOf` in
 * fhir/search. A record without resources has that form at once; others are brought to it by a job (reindex/form.ts).
 */
export const name = "0014-parts";

export const statements: readonly string[] = [
  `update row_form set form = 3 where one = 1 and form = 2 and not exists (select from resource)`,
];
