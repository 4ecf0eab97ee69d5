// State proofs checked by npm @confio/ics23, through protobuf bytes, with the ProofSpec of docs/FORMATS.md.
//   node ics23.mjs MODULES FILE.licet GENESIS.cbor LEAVES.json      LEAVES: the answer of GET /v1/prefix/ (all leaves)
// Prints how many memberships and absences were taken, and how many false ones were refused; exit 1 at the first that is not as it must be.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { webcrypto } from "node:crypto";
import { checkProof, decode, mapProofs, readHeader, readSteps, trustOf, objectId, objectKey, hex, unhex } from "./verify.mjs";
import { concat } from "./cbor.mjs";

globalThis.crypto ??= webcrypto; // Node 18 has it only by name, and the package wants it global
const [modules, licet, genesis, leafFile] = process.argv.slice(2);
const { ics23, verifyMembership, verifyNonMembership } = createRequire(modules + "/x.js")("@confio/ics23");
const { HashOp, LengthOp } = ics23;
const leafSpec = { hash: HashOp.SHA256, prehashKey: HashOp.NO_HASH, prehashValue: HashOp.SHA256, length: LengthOp.NO_PREFIX, prefix: Uint8Array.of(0) };
const spec = { leafSpec, innerSpec: { childOrder: [0, 1], childSize: 32, minPrefixLength: 3, maxPrefixLength: 3, hash: HashOp.SHA256 } };
const count = { members: 0, absences: 0, refused: 0 };

function exist(key, value, steps) {
  const path = [...steps].reverse().map(({ bit, sibling }) => {
    const head = Uint8Array.of(1, bit >> 8, bit & 255);
    const right = (key[bit >> 3] >> (7 - (bit & 7))) & 1;
    return { hash: HashOp.SHA256, prefix: right ? concat(head, sibling) : head, suffix: right ? new Uint8Array(0) : sibling };
  });
  return { key, value, leaf: leafSpec, path };
}
const overTheWire = (proof) => ics23.CommitmentProof.decode(ics23.CommitmentProof.encode(ics23.CommitmentProof.create(proof)).finish());
const flip = (bytes, at = 0) => bytes.map((b, i) => (i === at ? b ^ 1 : b));

function must(condition, what) {
  if (!condition) throw new Error(what);
}
function member(root, key, value, steps) {
  const proof = overTheWire({ exist: exist(key, value, steps) });
  must(verifyMembership(proof, spec, root, key, value), `membership of ${hex(key)}`);
  count.members++;
  must(!verifyMembership(proof, spec, root, key, flip(value, value.length - 1)), "another value is taken");
  must(!verifyMembership(proof, spec, flip(root), key, value), "another root is taken");
  must(!verifyMembership(proof, spec, root, flip(key), value), "another key is taken");
  must(!verifyNonMembership(proof, spec, root, key), "a proof of membership as one of absence");
  count.refused += 4;
}

async function fromProofFile() {
  const bytes = new Uint8Array(readFileSync(licet));
  const trust = await trustOf(new Uint8Array(readFileSync(genesis)));
  await checkProof(bytes, trust);
  const [, , headerBytes, , , records] = decode(bytes);
  const root = (await readHeader(headerBytes, trust)).stateRoot;
  for (const [kind, steps, value] of records) {
    if (value === null) continue;
    const object = decode(value);
    member(root, await objectKey(trust.genesis, kind, objectId(object)), value, readSteps(steps));
  }
}

async function fromLeaves() {
  const answer = JSON.parse(readFileSync(leafFile, "utf8"));
  const root = unhex(answer.state_root);
  const leaves = answer.leaves.map(({ key, value }) => ({ key: unhex(key), value: new Uint8Array(Buffer.from(value, "base64url")) }));
  const map = await mapProofs(leaves);
  must(hex(map.root) === answer.state_root, "the leaves do not make the state root");
  const at = (i) => (i >= 0 && i < map.sorted.length ? exist(map.sorted[i].key, map.sorted[i].value, map.steps(map.sorted[i].key)) : undefined);
  for (const leaf of map.sorted) member(root, leaf.key, leaf.value, map.steps(leaf.key));
  const asked = [];
  for (let i = 0; i < 40; i++) asked.push(new Uint8Array(await crypto.subtle.digest("SHA-256", Uint8Array.of(i))));
  asked.push(new Uint8Array(32), new Uint8Array(32).fill(255));
  for (const leaf of map.sorted) asked.push(flip(leaf.key, 31)); // beside each leaf
  for (const key of asked) {
    const next = map.sorted.findIndex((leaf) => Buffer.compare(leaf.key, key) > 0);
    const right = next < 0 ? map.sorted.length : next;
    const proof = overTheWire({ nonexist: { key, left: at(right - 1), right: at(right) } });
    must(verifyNonMembership(proof, spec, root, key), `absence of ${hex(key)}`);
    count.absences++;
    must(!verifyNonMembership(proof, spec, flip(root), key), "absence under another root");
    must(!verifyMembership(proof, spec, root, key, Uint8Array.of(0)), "a proof of absence as one of membership");
    count.refused += 2;
  }
  // What is there is not shown absent: with its neighbours left and right, or with one side missing.
  for (let i = 0; i < map.sorted.length; i++) {
    const { key } = map.sorted[i];
    const [before, mine, after] = [at(i - 1), at(i), at(i + 1)];
    for (const nonexist of [{ key, left: before, right: after }, { key, left: before }, { key, right: after }, { key, left: mine, right: after }]) {
      must(!verifyNonMembership(overTheWire({ nonexist }), spec, root, key), `a false absence of ${hex(key)}`);
      count.refused++;
    }
  }
}

try {
  await fromProofFile();
  await fromLeaves();
  console.log(JSON.stringify(count));
} catch (error) {
  console.error(`refused: ${error.stack}`);
  process.exitCode = 1;
}
