/** A test that is named by the statement of the specification that it checks. */
import { after, before, test } from "node:test";
import { bundleOf, testServer, type Bundle, type TestServer, type Who } from "../server.ts";
import { statements, type StatementId } from "./statements/all.ts";

/** Registers the one test of a statement. */
export function states(id: StatementId, run: () => Promise<void>): void {
  const [, force, words] = statements.find(([known]) => known === id)!;
  test(`${id} ${force} ${words}`, run);
}

/** Type/id of the entries of a mode, sorted. */
export function namesOf({ entry = [] }: Bundle, mode: "match" | "include" = "match"): string[] {
  return entry.filter(({ search }) => search?.mode === mode).map(({ resource }) => `${resource!.resourceType}/${resource!.id}`).sort();
}

type Served = Pick<TestServer, "send"> & {
  server(): TestServer;
  /** Type/id of what a search finds, sorted. */
  found(url: string, as?: Who): Promise<string[]>;
  /** Stores resources under their ids. */
  stored(...resources: readonly StoredResource[]): Promise<void>;
};

type StoredResource = { resourceType: string; id?: unknown; [name: string]: unknown };

/** A server for the tests of a file; `resources` are there before the first. */
export function withServer(options?: Parameters<typeof testServer>[0], resources: readonly StoredResource[] = []): Served {
  let server: TestServer | undefined;
  const opened = (): TestServer => { if (!server) throw new Error("the server is opened before the first test"); return server; };
  const served: Served = {
    server: opened,
    send: (...args) => opened().send(...args),
    found: async (url, as = "operator") => namesOf(bundleOf(await opened().send("GET", url, { as }))),
    async stored(...all) {
      const entry = all.map((resource) => ({ resource, request: { method: "PUT", url: `${resource.resourceType}/${String(resource.id)}` } }));
      const answer = await opened().send("POST", "", { body: { resourceType: "Bundle", type: "transaction", entry } });
      if (answer.statusCode !== 200) throw new Error(answer.body);
    },
  };
  before(async () => { server = await testServer(options); if (resources.length > 0) await served.stored(...resources); });
  after(() => server?.close());
  return served;
}
