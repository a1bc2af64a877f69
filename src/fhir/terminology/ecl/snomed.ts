/**
 * Identifiers of SNOMED CT's own metadata that the language names by words.
 * Source: ECL 2.2, 6.8 to 6.11 and Appendix C (dialect aliases).
 */
export const snomedSystem = "http://snomed.info/sct";

export const isA = "116680003";
export const descriptionTypes: Readonly<Record<string, string>> = {
  syn: "900000000000013009", synonym: "900000000000013009",
  fsn: "900000000000003001", fullyspecifiedname: "900000000000003001",
  def: "900000000000550004", definition: "900000000000550004",
};
export const fullySpecifiedName = "900000000000003001";
export const preferred = "900000000000548007";
export const acceptable = "900000000000549004";
export const acceptabilities: Readonly<Record<string, string>> = { prefer: preferred, preferred, accept: acceptable, acceptable };
export const definitionStatuses: Readonly<Record<string, string>> = { primitive: "900000000000074008", defined: "900000000000073002" };
export const defined = "900000000000073002";

/** Historical association reference sets by profile: minimum is certain, moderate adds what is close, maximum takes all under the root. */
const sameAs = "900000000000527005", replacedBy = "900000000000526001", wasA = "900000000000528000", partiallyEquivalentTo = "1186924009";
export const associationRoot = "900000000000522004";
/** Its members point from the concept that is there now to the one it came from. */
export const movedFrom = "900000000000525002";
export const historyProfiles: Readonly<Record<"min" | "mod", readonly string[]>> = {
  min: [sameAs],
  mod: [sameAs, replacedBy, wasA, partiallyEquivalentTo],
};

/** Language reference sets by dialect. */
export const dialects: Readonly<Record<string, string>> = {
  "da-dk": "554461000005103", "de": "722130004", "en-au": "32570271000036106", "en-ca": "19491000087109", "en-gb": "900000000000508004",
  "en-ie": "21000220103", "en-int-gmdn": "608771002", "en-nhs-clinical": "999001261000000100", "en-nhs-dmd": "999000671000001103", "en-nhs-pharmacy": "999000691000001104",
  "en-nz": "271000210107", "en-uk-drug": "999000681000001101", "en-uk-ext": "999001251000000103", "en-us": "900000000000509007", "es": "448879004", "es-ar": "450828004", "es-uy": "5641000179103", "et-ee": "71000181105",
  "fr": "722131000", "fr-be": "21000172104", "fr-ca": "20581000087109", "ja": "722129009", "nb-no": "61000202103", "nl-be": "31000172101",
  "nl-nl": "31000146106", "nn-no": "91000202106", "sv-se": "46011000052107", "zh": "722128001",
};
