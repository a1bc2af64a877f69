import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import { test } from "node:test";
import { tickSocket } from "./tick-socket.ts";

test("what is written in one go arrives as it was written, in order; what is written at the end too", async () => {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const received: Buffer[] = [];
  const ended = new Promise<void>((done) => server.once("connection", (peer) => peer.on("data", (piece: Buffer) => received.push(piece)).on("end", () => { peer.end(); done(); })));
  const socket = tickSocket({ host: ["127.0.0.1"], port: [(server.address() as AddressInfo).port] });
  await once(socket, "connect");
  let expected = "";
  for (let turn = 0; turn < 3; turn++) {
    for (let i = 0; i < 20; i++) {
      await Promise.resolve();
      socket.write(Buffer.from(`${turn}.${i};`));
      expected += `${turn}.${i};`;
    }
    assert.ok(socket.writableCorked > 0, "nothing is sent while microtasks wait");
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(socket.writableCorked, 0);
  }
  socket.write(Buffer.from("last"));
  socket.end();
  await ended;
  assert.equal(Buffer.concat(received).toString(), `${expected}last`);
  server.close();
});
