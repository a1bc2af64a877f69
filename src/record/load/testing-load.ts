/** A process of its own for the tests of kill -9: imports without end, and says "left out" when indexes are. */
import { openRecord } from "../open.ts";
import { administrator, value } from "../testing.ts";
import { readAbsent } from "./absent-indexes.ts";

const [, , url = ""] = process.argv;
const record = value(await openRecord({ url, initialLoadFrom: 100 }));
await record.importing(administrator, async (stream) => {
  for (let batch = 0, told = false; ; batch++) {
    await stream(Array.from({ length: 50 }, (_, i) => ({ place: `line ${i}`, text: JSON.stringify({ resourceType: "Patient", id: `k${batch}-${i}`, name: [{ family: `Family${batch}` }], birthDate: "1970-01-01" }) })));
    if (!told && (await readAbsent(record.pools.readers)).length) { told = true; process.stdout.write("left out\n"); }
  }
});
