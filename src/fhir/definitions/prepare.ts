/** Run by set-up: makes R4's three compact files under build/, where they are missing or of another version. */
import { baseFile, baseStructures } from "../profiles/base-file.ts";
import { defaultFile } from "./compile.ts";
import { compiledDefinitions } from "./load.ts";
import { terminologyFile, terminologyShelf } from "./terminology.ts";

const { types, searchParameters } = compiledDefinitions(defaultFile);
console.log(`FHIR R4 definitions are ready: ${Object.keys(types).length} types, ${searchParameters.length} search parameters, ${defaultFile}`);
console.log(`FHIR R4 terminology is ready: ${terminologyShelf().length} resources, ${terminologyFile}`);
console.log(`FHIR R4 profiles are ready: ${baseStructures().urls().length} definitions, ${baseFile}`);
