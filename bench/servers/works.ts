/** What group `servers` asks of every server: people by transaction Bundles, then one kind of request a row. */
import { population } from "#research/population/population.ts";

export type Request = { method: "GET" | "POST" | "PUT"; path: string; body?: string };
/** `requests` are those of one connection; each begins elsewhere, so that two seldom write the same resource at once. */
export type Work = { name: string; requests(connection: number): Request[] };
export type Entry = { resource: { resourceType: string; id: string; subject?: { reference?: string }; code?: { coding?: { code?: string }[] } } };

const code = "http://loinc.org%7C85354-9";

/** Transaction Bundles that put every person's resources under their own ids. */
export async function bundles(people: number, seed: number): Promise<{ text: string; entries: Entry[] }[]> {
  const all = [];
  for await (const { bundle } of population({ size: people, seed, asOf: "2026-01-01" })) {
    const entries = bundle.entry as Entry[];
    all.push({ entries, text: JSON.stringify({ resourceType: "Bundle", type: "transaction", entry: entries.map(({ resource }) => ({ resource, request: { method: "PUT", url: `${resource.resourceType}/${resource.id}` } })) }) });
  }
  return all;
}

export function works(entries: readonly Entry[]): Work[] {
  const observations = entries.map(({ resource }) => resource).filter(({ resourceType }) => resourceType === "Observation");
  const every = <T>(list: readonly T[], count: number): T[] => list.filter((_, i) => i % Math.max(1, Math.floor(list.length / count)) === 0);
  const some = every(observations, 2000);
  const patients = [...new Set(observations.filter((one) => one.code?.coding?.[0]?.code === "85354-9").map((one) => one.subject?.reference ?? ""))];
  const laboratory = observations.find((one) => one.code?.coding?.[0]?.code === "14682-9") ?? observations[0]!;
  const { id: _id, ...created } = laboratory;
  const updated = every(observations, 500);
  const turned = <T>(list: readonly T[], connection: number): T[] => {
    const at = (connection * 61) % list.length;
    return [...list.slice(at), ...list.slice(0, at)];
  };
  const get = (paths: readonly string[]) => (connection: number): Request[] => turned(paths, connection).map((path) => ({ method: "GET", path }));
  return [
    { name: "read Observation by id", requests: get(some.map(({ id }) => `/Observation/${id}`)) },
    { name: "search by patient and code, newest 20", requests: get(patients.map((patient) => `/Observation?patient=${patient}&code=${code}&_sort=-date&_count=20`)) },
    { name: "chained: Observations of women, by code, 20", requests: get([`/Observation?patient.gender=female&code=${code}&_count=20`]) },
    { name: "create Observation", requests: () => [{ method: "POST", path: "/Observation", body: JSON.stringify(created) }] },
    {
      // The connections follow each other with texts of their own: every update changes something.
      name: "update Observation",
      requests: (connection) => turned(updated, connection).map((one) => ({ method: "PUT", path: `/Observation/${one.id}`, body: JSON.stringify({ ...one, issued: new Date(1_700_000_000_000 + connection * 1000).toISOString() }) })),
    },
    { name: "_has: Patients with a blood pressure, 20", requests: get([`/Patient?_has:Observation:patient:code=${code}&_count=20`]) },
  ];
}
