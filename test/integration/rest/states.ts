/** A test that is named by the statement of the specification that it checks. */
import { after, before, test } from "node:test";
import { testServer, type TestServer } from "../server.ts";
import { statements, type StatementId } from "./statements/all.ts";

/** Registers the one test of a statement. */
export function states(id: StatementId, run: () => Promise<void>): void {
  const [, force, words] = statements.find(([known]) => known === id)!;
  test(`${id} ${force} ${words}`, run);
}

/** A server for the tests of a file. */
export function withServer(options?: Parameters<typeof testServer>[0]): Pick<TestServer, "send"> & { server(): TestServer } {
  let server: TestServer | undefined;
  before(async () => { server = await testServer(options); });
  after(() => server?.close());
  const opened = (): TestServer => { if (!server) throw new Error("the server is opened before the first test"); return server; };
  return { server: opened, send: (...args) => opened().send(...args) };
}
