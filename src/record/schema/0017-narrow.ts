/**
 * A reference is kept under the narrowest parameter that has it (record/stored-params.ts): one that leads to a Patient under
 * `patient` and no longer under `subject` too. A record without resources has that form at once; others are brought to it
 * by a job (reindex/form.ts), and are searched alike meanwhile.
 */
export const name = "0017-narrow";

export const statements: readonly string[] = [
  `update row_form set form = 4 where one = 1 and form = 3 and not exists (select from resource)`,
];
