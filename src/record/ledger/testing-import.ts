/** A process of its own for the test of kill -9: writes transactions of one Patient and 40 Observations until it dies, and searches them. */
import { openRecord } from "../open.ts";
import { administrator, node, value } from "../testing.ts";

const record = value(await openRecord({ url: process.argv[2]! }));
await Promise.all(Array.from({ length: 4 }, async (_, writer) => {
  for (let i = 0; ; i++) {
    const id = `k${writer}-${i}`;
    value(await record.commit(node, [{ kind: "update", type: "Patient", id, text: JSON.stringify({ resourceType: "Patient", id }) },
      ...Array.from({ length: 40 }, () => ({ kind: "create" as const, type: "Observation", text: JSON.stringify({ resourceType: "Observation", status: "final", code: { text: "x" }, subject: { reference: `Patient/${id}` } }) }))]));
    await record.search(administrator, "Observation", `patient=${id}`);
    process.stdout.write(`${id}\n`);
  }
}));
