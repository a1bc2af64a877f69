import assert from "node:assert/strict";
import { test } from "node:test";
import { checkPassword, hashPassword, verifyPassword } from "./password.ts";

const cost = { N: 1024, r: 8, p: 1 };

test("short, common, repeated and walked passwords are refused", () => {
  for (const password of ["elevenchars", "password1234", "P@ssw0rd2024", "Passw0rd!Passw0rd!", "aaaaaaaaaaaaaa", "abcabcabcabc", "123456789012", "qwertyuiop12", "qwertyuiopasdf", "zyxwvutsrqponm", "1qaz2wsx3edc", "Welcome2024!!", "salus-admin-2026", "administrator", "lin.wei.2024!", "correct horse battery staple", "            ", "iloveyou1234"])
    assert.equal(checkPassword(password, "lin.wei").ok, false, password);
});

test("sentences and random ones are taken, in any script", () => {
  for (const password of ["four plums by the river", "X7!kd02#mq9vT", "春眠不觉晓处处闻啼鸟夜来", "4f9a1c77d02be6"]) {
    const checked = checkPassword(password, "lin.wei");
    assert(checked.ok, password);
  }
  assert.equal(checkPassword("é".repeat(3) + "x".repeat(1022), "u").ok, false);
});

test("RFC 7914 section 12: scrypt(\"pleaseletmein\", \"SodiumChloride\", 16384, 8, 1)", async () => {
  const hash = Buffer.from("7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2", "hex").toString("base64url");
  const stored = `scrypt$16384$8$1$${Buffer.from("SodiumChloride").toString("base64url")}$${hash}`;
  assert(await verifyPassword("pleaseletmein", stored));
  assert(!await verifyPassword("pleaseletmeim", stored));
});

test("equal passwords have different hashes; composed and decomposed letters are one; no account is never right", async () => {
  const [a, b] = [await hashPassword("Café au lait!", cost), await hashPassword("Café au lait!", cost)];
  assert.notEqual(a, b);
  assert(await verifyPassword("Cafe\u0301 au lait!", a));
  assert(!await verifyPassword("Café au lait!", undefined, cost));
});
