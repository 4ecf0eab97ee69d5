// A receipt, and a transparent statement, checked by npm @transmute/cose.
//   node transmute.mjs MODULES STATEMENT RECEIPT TRANSPARENT KEYS     exit 1 with a message where it is refused
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { webcrypto } from "node:crypto";
import { decode } from "./cbor.mjs";

globalThis.crypto ??= webcrypto; // Node 18 has it only by name, and the package wants it global
const [modules, ...paths] = process.argv.slice(2);
const cose = createRequire(modules + "/x.js")("@transmute/cose");
const [statement, receipt, transparent, keyset] = paths.map((path) => new Uint8Array(readFileSync(path)));
const buffer = (bytes) => bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
const base64url = (bytes) => Buffer.from(bytes).toString("base64url");
const keys = decode(keyset);

const resolver = {
  resolve: async (signature) => {
    const header = decode(decode(new Uint8Array(signature)).value[0]);
    const key = keys.find((k) => Buffer.compare(k.get(2), header.get(4)) === 0);
    if (key === undefined) throw new Error("kid is not published");
    return { kty: "EC", crv: "P-256", alg: "ES256", x: base64url(key.get(-2)), y: base64url(key.get(-3)) };
  },
};

async function included(entry, one) {
  const verifier = cose.detached.verifier({ resolver });
  await cose.receipt.inclusion.verify({ entry: await cose.receipt.leaf(entry), receipt: buffer(one), verifier });
}

try {
  await included(statement, receipt);
  const inside = await cose.receipt.get(buffer(transparent));
  if (inside.length !== 1) throw new Error(`${inside.length} receipts in the transparent statement`);
  const bare = new Uint8Array(await cose.receipt.remove(buffer(transparent)));
  if (Buffer.compare(bare, statement) !== 0) throw new Error("without its receipt the transparent statement is not the statement");
  await included(bare, new Uint8Array(inside[0]));
  console.log("ok");
} catch (error) {
  console.error(`refused: ${error.message}`);
  process.exitCode = 1;
}
