/** TLS in front of a PostgreSQL that may speak none, with a certificate for "localhost" (made for tests alone, until 2120). */
import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { TLSSocket } from "node:tls";

/** Of whoever signed the certificate. */
export const authority: string = `-----BEGIN CERTIFICATE-----
MIIBVDCB+6ADAgECAgEBMAoGCCqGSM49BAMCMBkxFzAVBgNVBAMMDlRlc3QgYXV0
aG9yaXR5MCAXDTIwMDEwMTAwMDAwMFoYDzIxMjAwMTAxMDAwMDAwWjAZMRcwFQYD
VQQDDA5UZXN0IGF1dGhvcml0eTBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABF1e
x56Gh24di2xS6TUmyqFtZHgSUtkmDPkCf0rs7lQ1n7oFmX+6+NKPlHrtY6vO/Ufn
PiYcqWA7mO4ZLXbK0ESjMjAwMA8GA1UdEwEB/wQFMAMBAf8wHQYDVR0OBBYEFHPX
OHI2Vw1X1Vhk4Dkv+mJg3FxOMAoGCCqGSM49BAMCA0gAMEUCIQCFZOtKshhW/RGp
3s6HRrxkS5DkhJ3/pgPdFFapc8gewwIgVzHvxKyWrNRvYAX3iDHlAVG4Dz4wfqTW
okl/OnSQAiA=
-----END CERTIFICATE-----`;
const certificate = `-----BEGIN CERTIFICATE-----
MIIBgjCCASegAwIBAgIBAjAKBggqhkjOPQQDAjAZMRcwFQYDVQQDDA5UZXN0IGF1
dGhvcml0eTAgFw0yMDAxMDEwMDAwMDBaGA8yMTIwMDEwMTAwMDAwMFowFDESMBAG
A1UEAwwJbG9jYWxob3N0MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEij7yqxi5
90k9zjSpjwVK7veji77CFcIqRiyKUWiQsiSru0C8EPPkAeYGhW/GfFmq6Q78I2O0
el4X+IMGXM0y8qNjMGEwFAYDVR0RBA0wC4IJbG9jYWxob3N0MAkGA1UdEwQCMAAw
HQYDVR0OBBYEFG7feeE3t2De7jGIVO3HuaUo6kiwMB8GA1UdIwQYMBaAFHPXOHI2
Vw1X1Vhk4Dkv+mJg3FxOMAoGCCqGSM49BAMCA0kAMEYCIQC3z63Nz6nTdkjnF+YV
94DzrA8kPp8pz+VG4p791Beb1QIhAJpRIAMhQ6T8QHGrEJ8vcDPFFwr8aJPQtyZr
jaS7rzoV
-----END CERTIFICATE-----`;
const key = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgG8nd208TnVTC9Rgq
gLaYJbZ9YhgAmcbc4X6hbr6/4LOhRANCAASKPvKrGLn3ST3ONKmPBUru96OLvsIV
wipGLIpRaJCyJKu7QLwQ8+QB5gaFb8Z8WarpDvwjY7R6Xhf4gwZczTLy
-----END PRIVATE KEY-----`;

/** `answer`: to whoever asks for TLS; "stuffed" is a yes with something behind it, "silent" none at all. `onBytes`: what a client sends, decrypted. */
export type Front = { answer?: "yes" | "no" | "stuffed" | "silent"; onBytes?: (bytes: Buffer) => void };

/** Its port on localhost; `cut` breaks all connections. */
export async function tlsFront(database: string, { answer = "yes", onBytes = () => {} }: Front = {}): Promise<{ port: number; cut(): void; close(): void }> {
  const { hostname, port } = new URL(database);
  const open = new Set<Socket>();
  const through = (client: Socket | TLSSocket): void => {
    const behind = connect(Number(port), hostname);
    open.add(behind);
    client.on("data", onBytes);
    client.pipe(behind).pipe(client);
    for (const [one, other] of [[client, behind], [behind, client]] as const) one.on("error", () => other.destroy()).on("close", () => other.destroy());
  };
  const secure = (client: Socket): void => { through(new TLSSocket(client, { isServer: true, cert: certificate, key, ALPNProtocols: ["postgresql"] })); };
  const server = createServer((client) => {
    open.add(client);
    client.on("error", () => {});
    client.once("readable", () => {
      const first = client.read() as Buffer | null;
      if (!first) return;
      // The first byte of a TLS handshake; all messages of PostgreSQL's begin with a length.
      if (first[0] === 0x16) { client.unshift(first); secure(client); return; }
      if (answer === "yes") { client.write("S"); secure(client); return; }
      if (answer === "no") { client.write("N"); through(client); return; }
      if (answer === "stuffed") client.write("SR");
    });
  });
  await new Promise<void>((listening) => { server.listen(0, "localhost", listening); });
  const cut = (): void => { for (const socket of open) socket.destroy(); };
  return { port: (server.address() as AddressInfo).port, cut, close() { cut(); server.close(); } };
}
