/**
 * A process of its own for the test of kill -9: writes transactions of one Patient, 40 Observations and a change of one
 * Basic resource that all writers share until it dies, and searches them. Each line of output is acknowledged: "Patient id, version of the shared one".
 */
import { openRecord } from "../open.ts";
import { administrator, node, value } from "../testing.ts";

const [, , url, round] = process.argv;
const record = value(await openRecord({ url: url! }));
await Promise.all(Array.from({ length: 4 }, async (_, writer) => {
  for (let i = 0; ; i++) {
    const id = `k${round}-${writer}-${i}`;
    const done = value(await record.commit(node, [{ kind: "update", type: "Patient", id, text: JSON.stringify({ resourceType: "Patient", id }) },
      { kind: "update", type: "Basic", id: "shared", text: JSON.stringify({ resourceType: "Basic", id: "shared", code: { text: id } }) },
      ...Array.from({ length: 40 }, () => ({ kind: "create" as const, type: "Observation", text: JSON.stringify({ resourceType: "Observation", status: "final", code: { text: "x" }, subject: { reference: `Patient/${id}` } }) }))]));
    process.stdout.write(`${id} ${done[1]!.version}\n`);
    await record.search(administrator, "Observation", `patient=${id}`);
  }
}));
