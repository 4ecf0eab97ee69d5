// A .licet file, a head note or a receipt checked offline with nothing but WebCrypto: written from docs/FORMATS.md, shares no code with the ledger.
//   node verify.mjs proof FILE.licet GENESIS.cbor [AT_MS]      -> JSON of what it says; exit 1 with a message where it is not what it claims
//   node verify.mjs vector FILE.licet GENESIS_HASH FINALITY [AT_MS]    the same, trusting these (hex) in place of a document
//   node verify.mjs proofs GENESIS.cbor FILE...                a line for each: its verdict, or `refused`
//   node verify.mjs receipt STATEMENT RECEIPT KEYS             -> JSON; KEYS: the answer of /.well-known/scitt-keys
//   node verify.mjs note HEAD.json GENESIS.cbor                -> JSON; HEAD: the answer of /v1/head
//   node verify.mjs vkey GENESIS.cbor                          the verifier key (C2SP signed-note) of each node's checkpoints
// Seals and engine commits (secp256k1) are for auditors: WebCrypto has no such curve, and the one rule of finality needs none.
import { readFileSync } from "node:fs";
import { webcrypto } from "node:crypto";
import { bstr, concat, decode } from "./cbor.mjs";

const { subtle } = webcrypto;
const text = new TextEncoder();
const hex = (bytes) => Buffer.from(bytes).toString("hex");
const unhex = (string) => new Uint8Array(Buffer.from(string, "hex"));
const equal = (a, b) => a.length === b.length && Buffer.compare(a, b) === 0;
const sha256 = async (...parts) => new Uint8Array(await subtle.digest("SHA-256", concat(...parts)));

function demand(condition, what) {
  if (!condition) throw new Error(what);
}

function u(size, n) {
  const out = new Uint8Array(size);
  for (let i = 0; i < size; i++) out[size - 1 - i] = Math.floor(n / 2 ** (8 * i)) & 255;
  return out;
}
const tagged = (tag, ...parts) =>
  sha256(Uint8Array.of(tag.length), text.encode(tag), ...parts.flatMap((part) => [u(4, part.length), part]));

// ---- keys and signatures ----
const ALG_ES256 = -7;

async function thumbprint([alg, x, y]) {
  const crv = { [ALG_ES256]: 1, [-47]: 8, [-8]: 6 }[alg];
  demand(crv !== undefined, "a key of an algorithm that is not known here");
  const members = [Uint8Array.of(0x01, alg === -8 ? 1 : 2), Uint8Array.of(0x20, crv), Uint8Array.of(0x21), bstr(x)];
  if (y) members.push(Uint8Array.of(0x22), bstr(y));
  return sha256(Uint8Array.of(y ? 0xa4 : 0xa3), ...members);
}

async function es256(key, signature, message) {
  const [alg, x, y] = key;
  demand(alg === ALG_ES256, "not an ES256 key");
  const imported = await subtle.importKey("raw", concat(Uint8Array.of(4), x, y), { name: "ECDSA", namedCurve: "P-256" }, false, ["verify"]);
  return subtle.verify({ name: "ECDSA", hash: "SHA-256" }, imported, signature, message);
}

function sign1(bytes) {
  const { tag, value } = decode(bytes);
  demand(tag === 18 && value.length === 4 && value[3].length === 64, "not a COSE_Sign1");
  return { protectedBytes: value[0], header: decode(value[0]), unprotected: value[1], payload: value[2], signature: value[3] };
}
const toBeSigned = (cose, payload) =>
  concat(Uint8Array.of(0x84, 0x6a), text.encode("Signature1"), bstr(cose.protectedBytes), Uint8Array.of(0x40), bstr(payload));

function expectHeader(cose, typ, labels) {
  demand(cose.header.get(16) === `application/vnd.licet.${typ}+cose`, `typ is not ${typ}`);
  demand([...cose.header.keys()].join() === labels.join(), `labels of ${typ}`);
  demand(cose.header.get(1) === ALG_ES256, "alg is not ES256");
}

// ---- headers and what makes them final ----
const HEADER = ["version", "genesis", "chain", "term", "n", "engineHeight", "time", "previous", "logSize", "logRoot", "stateRoot", "objects", "links",
  "licences"];

async function readHeader(bytes, trust) {
  const values = decode(bytes);
  demand(values.length === HEADER.length && values[0] === 1, "header");
  const header = Object.fromEntries(HEADER.map((name, i) => [name, values[i]]));
  demand(equal(header.genesis, trust.genesis), "a header of another ledger");
  return { ...header, hash: await tagged("licet/header/v1", bytes) };
}

function readFinality(value) {
  const [kind, engine, threshold, nodes] = decode(value);
  demand(kind === 2 && (engine === 1 || engine === 2) && threshold >= 1 && threshold <= nodes.length, "finality");
  return { threshold, notes: nodes.map(([, , note]) => note) };
}

async function checkNote(bytes, header, finality) {
  const cose = sign1(bytes);
  expectHeader(cose, "head", [1, 4, 16]);
  demand(cose.unprotected.size === 0, "head note: unprotected header");
  const prints = await Promise.all(finality.notes.map(thumbprint));
  const node = prints.findIndex((print) => equal(print, cose.header.get(4)));
  demand(node >= 0, "head note: by a key that is no node's");
  demand(await es256(finality.notes[node], cose.signature, toBeSigned(cose, cose.payload)), "head note: signature");
  const [version, genesis, term, n, hash, time] = decode(cose.payload);
  demand(version === 1 && equal(genesis, header.genesis), "head note: another ledger");
  demand(term === header.term && n === header.n && equal(hash, header.hash), "head note: about another header");
  demand(time >= header.time, "head note: older than its header");
  return { node, time };
}

async function checkFinal(header, notes, finality) {
  const newest = new Map();
  for (const bytes of notes) {
    const { node, time } = await checkNote(bytes, header, finality);
    newest.set(node, Math.max(time, newest.get(node) ?? 0));
  }
  demand(newest.size >= finality.threshold, "too few head notes");
  return [...newest.values()].sort((a, b) => b - a)[finality.threshold - 1];
}

// ---- the state map ----
const KIND = { member: 3, key: 4, type: 5, licence: 6, number: 7, document: 8, seal: 9 };
const bitOf = (key, i) => (key[i >> 3] >> (7 - (i & 7))) & 1;
const mapLeaf = (key, valueHash) => sha256(Uint8Array.of(0), key, valueHash);
const mapInner = (bit, left, right) => sha256(Uint8Array.of(1), u(2, bit), left, right);
const objectKey = (genesis, kind, id) => tagged("licet/object/v1", genesis, Uint8Array.of(kind), id);

function objectId(value) {
  const [kind, first, second] = value;
  if (kind <= 2) return new Uint8Array(0);
  if (kind === KIND.number) return concat(u(4, first), second);
  return typeof first === "string" ? text.encode(first) : first;
}

function readSteps(bytes) {
  demand(bytes.length % 34 === 0, "steps");
  const steps = [];
  for (let at = 0; at < bytes.length; at += 34) steps.push({ bit: bytes[at] * 256 + bytes[at + 1], sibling: bytes.subarray(at + 2, at + 34) });
  steps.forEach(({ bit }, i) => demand(bit < 256 && (i === 0 || bit > steps[i - 1].bit), "steps: bits do not grow"));
  return steps;
}

async function climb(hash, key, steps) {
  for (const { bit, sibling } of [...steps].reverse()) {
    hash = bitOf(key, bit) ? await mapInner(bit, sibling, hash) : await mapInner(bit, hash, sibling);
  }
  return hash;
}

// The record's place comes from the id inside it. Returns {kind, id, value} with value null for what is surely absent.
async function checkRecord(record, genesis, stateRoot) {
  const [kind, stepBytes, value] = record;
  const steps = readSteps(stepBytes);
  if (value !== null) {
    demand(record.length === 3, "record");
    const object = decode(value);
    demand(object[0] === kind, "record of another kind");
    const id = objectId(object);
    const key = await objectKey(genesis, kind, id);
    demand(equal(await climb(await mapLeaf(key, await sha256(value)), key, steps), stateRoot), "a record is not under the state root");
    return { kind, id, value: object, bytes: value };
  }
  const [, , , id, otherKey, otherHash] = record;
  const key = await objectKey(genesis, kind, id);
  if (otherKey === null) {
    demand(otherHash === null && steps.length === 0 && stateRoot.every((b) => b === 0), "absence in an empty map");
  } else {
    demand(!equal(otherKey, key), "absence by its own leaf");
    for (const { bit } of steps) demand(bitOf(key, bit) === bitOf(otherKey, bit), "absence: not the walk of this key");
    demand(equal(await climb(await mapLeaf(otherKey, otherHash), otherKey, steps), stateRoot), "an absence is not under the state root");
  }
  return { kind, id, value: null };
}

// ---- the log ----
const merkleLeaf = (bytes) => sha256(Uint8Array.of(0), bytes);
const merkleNode = (left, right) => sha256(Uint8Array.of(1), left, right);

// RFC 9162 2.1.3.2
async function inclusionRoot(leaf, index, size, path) {
  demand(index < size, "inclusion: index");
  let [fn, sn, root] = [BigInt(index), BigInt(size) - 1n, leaf];
  for (const sibling of path) {
    demand(sn !== 0n, "inclusion: path too long");
    if (fn & 1n || fn === sn) {
      root = await merkleNode(sibling, root);
      while (!(fn & 1n) && fn !== 0n) [fn, sn] = [fn >> 1n, sn >> 1n];
    } else {
      root = await merkleNode(root, sibling);
    }
    [fn, sn] = [fn >> 1n, sn >> 1n];
  }
  demand(sn === 0n, "inclusion: path too short");
  return root;
}
const split32 = (bytes) => Array.from({ length: bytes.length / 32 }, (_, i) => bytes.subarray(32 * i, 32 * i + 32));

// ---- openings of elements ----
async function openElement(bytes) {
  const [size, index, disclosure, path] = decode(bytes);
  const [salt, value, code] = decode(disclosure);
  demand(salt.length === 16 && size <= 64, "opening");
  return { code, value, root: await inclusionRoot(await merkleLeaf(disclosure), index, size, split32(path)) };
}

// ---- the verdict ----
const STATE = { 3: "annulled", 4: "cancelled", 7: "revoked", 8: "superseded", 9: "transferred", 2: "suspended", 6: "suspended" };
const LICENCE = ["kind", "key", "no", "version", "state", "issuer", "type", "from", "to", "holderKind", "holderTag", "nameTag", "fieldsRoot", "documents",
  "seal", "previous", "next", "components", "acted", "since", "reason", "basis", "until", "count", "head", "lastLink"];
const asLicence = (value) => Object.fromEntries(LICENCE.map((name, i) => [name, value[i]]));
const NO_AT = { [KIND.member]: 2, [KIND.key]: 2, [KIND.type]: 2, [KIND.licence]: 2, [KIND.seal]: 2 };
class Missing extends Error {}

function judge(subject, records, atMs) {
  const byNo = (kind, no) => {
    const found = records.find((r) => r.kind === kind && r.value && r.value[NO_AT[kind]] === no);
    if (!found) throw new Missing(`record ${kind} no ${no}`);
    return found.value;
  };
  const byId = (kind, id) => {
    const found = records.find((r) => r.kind === kind && equal(r.id, id));
    if (!found) throw new Missing(`record ${kind}`);
    return found.value;
  };
  const day = Math.floor((atMs + 8 * 3600000) / 86400000);
  // Whether the licence's seal is suspect for it: by what a stop said of its making, or a compromised key's act between that making and the licence.
  const suspectSeal = (licence) => {
    if (licence.seal === null) return false;
    const [no, making, entry] = licence.seal;
    const seal = byNo(KIND.seal, no);
    const [, , , , , made, since] = seal[12][making];
    let tainted = false;
    for (let i = 0; i < seal[13].length; i += 2) {
      const at = seal[13][i + 1];
      if (at < made || at > entry) continue;
      const compromised = byNo(KIND.key, seal[13][i])[8];
      tainted ||= compromised !== null && compromised <= at;
    }
    return tainted || (since !== null && since <= entry);
  };
  const own = (licence) => {
    const pairs = [];
    for (let i = 0; i < licence.acted.length; i += 2) pairs.push({ key: byNo(KIND.key, licence.acted[i]), last: licence.acted[i + 1] });
    const newest = Math.max(...pairs.map((p) => p.last));
    const tainted = pairs.filter(({ key, last }) => key[8] !== null && last >= key[8]);
    const sealSuspect = suspectSeal(licence);
    if (tainted.some((p) => p.last === newest)) return "suspended";
    if (STATE[licence.state]) return STATE[licence.state];
    if (tainted.length || sealSuspect) return "suspended";
    if (day < licence.from) return "not_active";
    return licence.to !== null && day > licence.to ? "lapsed" : "valid";
  };
  try {
    let value;
    if (subject[0] === 1) {
      value = byId(KIND.licence, subject[1]);
    } else {
      const pointer = byId(subject[0] === 2 ? KIND.document : KIND.number, subject[0] === 2 ? subject[1] : concat(u(4, subject[1]), subject[2]));
      if (pointer === null) return { verdict: "unknown" };
      value = byNo(KIND.licence, subject[0] === 2 ? pointer[3] : pointer[4]);
      if (subject[0] === 2 && pointer[4] !== value[3]) return { verdict: pointer[4] < value[3] ? "superseded" : "mismatch", licence: asLicence(value) };
    }
    if (value === null) return { verdict: "unknown" };
    const licence = asLicence(value);
    const issuer = byNo(KIND.member, licence.issuer);
    byNo(KIND.type, licence.type);
    if (licence.next !== null) byNo(KIND.licence, licence.next);
    if (licence.seal !== null) byNo(KIND.member, byNo(KIND.seal, licence.seal[0])[3]);
    let verdict = own(licence);
    const waiting = [...licence.components];
    let parts = "valid";
    for (let i = 0; i < waiting.length; i++) {
      const part = asLicence(byNo(KIND.licence, waiting[i]));
      const word = own(part);
      if (parts === "valid") parts = word;
      for (const no of part.components) if (!waiting.includes(no)) waiting.push(no);
    }
    if (verdict === "valid") verdict = parts;
    return { verdict, licence, issuer: issuer[1] };
  } catch (e) {
    if (e instanceof Missing) return { verdict: "incomplete", missing: e.message };
    throw e;
  }
}

// ---- the whole file ----
async function checkProof(bytes, trust, atMs) {
  const proof = decode(bytes);
  demand(proof.length === 11 && proof[0] === 1, "not a proof of version 1");
  const [, subject, headerBytes, notes, links, rawRecords, openings, statement, inclusion] = proof;
  let finality = trust.finality;
  let before = null;
  const order = (a, b) => a.term - b.term || a.n - b.n;
  for (const link of links) {
    const [linkHeader, linkNotes, record] = decode(link);
    const header = await readHeader(linkHeader, trust);
    await checkFinal(header, linkNotes, finality);
    demand(before === null || order(before, header) < 0, "key links out of order");
    const next = await checkRecord(record, trust.genesis, header.stateRoot);
    demand(next.kind === 2 && next.value, "a key link without a finality");
    finality = readFinality(next.bytes);
    before = header;
  }
  const header = await readHeader(headerBytes, trust);
  demand(before === null || order(before, header) < 0 || equal(before.hash, header.hash), "key links out of order");
  const noteTime = await checkFinal(header, notes, finality);
  const records = [];
  for (const record of rawRecords) records.push(await checkRecord(record, trust.genesis, header.stateRoot));
  if (statement !== null) {
    const [index, path] = inclusion;
    demand(equal(await inclusionRoot(await merkleLeaf(statement), index, header.logSize, split32(path)), header.logRoot), "the statement is not in the log");
  }
  const opened = {};
  const elements = [];
  const roots = records.filter((r) => r.kind === KIND.licence && r.value).map((r) => asLicence(r.value).fieldsRoot);
  for (const opening of openings) {
    const { code, value, root } = await openElement(opening);
    demand(roots.some((r) => equal(r, root)), "an opening of no licence here");
    elements.push({ code, value, root });
  }
  const { verdict, licence, issuer, missing } = judge(subject, records, atMs ?? noteTime);
  for (const { code, value, root } of licence ? elements : []) {
    demand(equal(licence.fieldsRoot, root), "an opening of another licence than the verdict is about");
    opened[code] = value;
  }
  return {
    verdict, missing, issuer, opened, chain: header.chain, height: header.n, headerHash: hex(header.hash), stateRoot: hex(header.stateRoot), noteTime,
    statement: statement !== null, records: records.length, notes: notes.length,
    licence: licence && { key: hex(licence.key), state: licence.state, from: licence.from, to: licence.to, count: Number(licence.count) },
  };
}

async function trustOf(genesisBytes) {
  const [version, magic, , , , objects] = decode(genesisBytes);
  demand(version === 1 && magic === "licet-genesis", "not a genesis document");
  return { genesis: await sha256(genesisBytes), finality: { threshold: objects[1][2], notes: objects[1][3].map(([, , note]) => note) } };
}

async function checkReceipt(statement, receiptBytes, keyBytes) {
  const receipt = sign1(receiptBytes);
  expectHeader(receipt, "receipt", [1, 4, 15, 16, 395]);
  demand(receipt.header.get(395) === 1 && receipt.payload === null, "not an RFC 9162 receipt");
  const [proof] = receipt.unprotected.get(396).get(-1);
  const [size, index, path] = decode(proof);
  const root = await inclusionRoot(await merkleLeaf(statement), index, size, path);
  const keys = decode(keyBytes).map((key) => [key.get(3), key.get(-2), key.get(-3), key.get(2)]);
  const key = keys.find(([, , , kid]) => equal(kid, receipt.header.get(4)));
  demand(key !== undefined, "the receipt's key is not published");
  demand(equal(await thumbprint(key), receipt.header.get(4)), "kid is not the key's thumbprint");
  demand(await es256(key, receipt.signature, toBeSigned(receipt, root)), "receipt: signature");
  return { size, index, root: hex(root), iss: receipt.header.get(15).get(1), sub: receipt.header.get(15).get(2), kid: hex(receipt.header.get(4)) };
}

// ---- the map of given leaves: the root, and the steps by which a key, or the leaf where its walk ends, sits under it ----
async function mapOf(leaves) {
  const build = async (list, from) => {
    if (list.length === 1) return { leaf: list[0], hash: await mapLeaf(list[0].key, list[0].hash) };
    let bit = from;
    while (bitOf(list[0].key, bit) === bitOf(list[list.length - 1].key, bit)) bit++;
    const border = list.findIndex((l) => bitOf(l.key, bit));
    const left = await build(list.slice(0, border), bit + 1);
    const right = await build(list.slice(border), bit + 1);
    return { bit, left, right, hash: await mapInner(bit, left.hash, right.hash) };
  };
  const sorted = leaves.map((l) => ({ ...l })).sort((a, b) => Buffer.compare(a.key, b.key));
  return { sorted, top: sorted.length ? await build(sorted, 0) : null };
}
export async function mapProofs(leaves) {
  for (const leaf of leaves) leaf.hash = await sha256(leaf.value);
  const { sorted, top } = await mapOf(leaves);
  return {
    root: top ? top.hash : new Uint8Array(32),
    sorted,
    steps(key) {
      const steps = [];
      for (let node = top; node.bit !== undefined; ) {
        const right = bitOf(key, node.bit);
        steps.push({ bit: node.bit, sibling: (right ? node.left : node.right).hash });
        node = right ? node.right : node.left;
      }
      return steps;
    },
  };
}
export { checkProof, checkReceipt, checkRecord, climb, decode, hex, objectId, objectKey, readHeader, readSteps, trustOf, unhex };

async function checkHead(answer, trust) {
  const bytes = (name) => new Uint8Array(Buffer.from(answer[name], "base64url"));
  const header = await readHeader(bytes("header"), trust);
  demand(hex(header.hash) === answer.head && header.n === answer.height, "the header is not the one that is claimed");
  const { time } = await checkNote(bytes("note"), header, trust.finality);
  return { height: header.n, head: hex(header.hash), time };
}

async function vkeys(genesisBytes) {
  const [, , chain, , , objects] = decode(genesisBytes);
  const name = `urn:licet:ledger:${chain}:${hex(await sha256(genesisBytes)).slice(0, 16)}`;
  return Promise.all(objects[1][3].map(async ([, , , [alg, x]]) => {
    demand(alg === -8, "a checkpoint key that is not Ed25519");
    const typed = concat(Uint8Array.of(1), x);
    const id = await sha256(text.encode(name), Uint8Array.of(10), typed);
    return `${name}+${hex(id.subarray(0, 4))}+${Buffer.from(typed).toString("base64")}`;
  }));
}

async function eachProof(trust, paths) {
  const lines = [];
  for (const path of paths) {
    lines.push(await checkProof(new Uint8Array(readFileSync(path)), trust).then((told) => told.verdict, () => "refused"));
  }
  return lines;
}

async function main([command, ...rest]) {
  const read = (path) => new Uint8Array(readFileSync(path));
  const at = (value) => (value === undefined ? undefined : Number(value));
  if (command === "proof") return checkProof(read(rest[0]), await trustOf(read(rest[1])), at(rest[2]));
  if (command === "vector") return checkProof(read(rest[0]), { genesis: unhex(rest[1]), finality: readFinality(unhex(rest[2])) }, at(rest[3]));
  if (command === "proofs") return eachProof(await trustOf(read(rest[0])), rest.slice(1));
  if (command === "note") return checkHead(JSON.parse(readFileSync(rest[0], "utf8")), await trustOf(read(rest[1])));
  if (command === "vkey") return vkeys(read(rest[0]));
  if (command === "receipt") return checkReceipt(read(rest[0]), read(rest[1]), read(rest[2]));
  throw new Error("verify.mjs proof | vector | proofs | receipt | note | vkey ...");
}

if (process.argv[1] && import.meta.url.endsWith(process.argv[1].split("/").pop())) {
  main(process.argv.slice(2)).then(
    (told) => console.log(JSON.stringify(told)),
    (error) => {
      console.error(`refused: ${error.message}`);
      process.exitCode = 1;
    },
  );
}
