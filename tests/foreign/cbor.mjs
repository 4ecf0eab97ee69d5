// A small strict CBOR reader (RFC 8949 4.2.1) after docs/FORMATS.md: shares no code with the ledger.
// Integers become Number where they are safe and BigInt beyond; byte strings Uint8Array; maps Map; tag 18 {tag, value}.
const DEPTH_MAX = 12;
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

export function decode(bytes) {
  const reader = { bytes, at: 0 };
  const value = item(reader, 1);
  if (reader.at !== bytes.length) throw new Error("CBOR: trailing bytes");
  return value;
}

function argument(reader, info) {
  if (info < 24) return info;
  if (info > 27) throw new Error("CBOR: indefinite or reserved length");
  const size = 1 << (info - 24);
  if (reader.at + size > reader.bytes.length) throw new Error("CBOR: truncated");
  let value = 0n;
  for (let i = 0; i < size; i++) value = (value << 8n) | BigInt(reader.bytes[reader.at++]);
  const least = [24n, 0x100n, 0x10000n, 0x100000000n][info - 24];
  if (value < least) throw new Error("CBOR: not the shortest form");
  return value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value;
}

function take(reader, length) {
  if (length > reader.bytes.length - reader.at) throw new Error("CBOR: truncated");
  reader.at += Number(length);
  return reader.bytes.subarray(reader.at - Number(length), reader.at);
}

function item(reader, depth) {
  if (depth > DEPTH_MAX) throw new Error("CBOR: too deep");
  const [head] = take(reader, 1);
  const major = head >> 5;
  if (major === 7) {
    if (head === 0xf4 || head === 0xf5) return head === 0xf5;
    if (head === 0xf6) return null;
    throw new Error("CBOR: float or simple value");
  }
  const n = argument(reader, head & 31);
  switch (major) {
    case 0: return n;
    case 1: return typeof n === "bigint" ? -1n - n : -1 - n;
    case 2: return take(reader, n);
    case 3: return utf8.decode(take(reader, n));
    case 4: {
      if (n > reader.bytes.length - reader.at) throw new Error("CBOR: truncated");
      return Array.from({ length: n }, () => item(reader, depth + 1));
    }
    case 5: {
      const map = new Map();
      let last = null;
      if (n > reader.bytes.length - reader.at) throw new Error("CBOR: truncated");
      for (let i = 0; i < n; i++) {
        const start = reader.at;
        const key = item(reader, depth + 1);
        const encoded = reader.bytes.subarray(start, reader.at);
        if (last !== null && Buffer.compare(last, encoded) >= 0) throw new Error("CBOR: keys out of order");
        last = encoded;
        map.set(key, item(reader, depth + 1));
      }
      return map;
    }
    default:
      if (n !== 18) throw new Error("CBOR: tag");
      return { tag: n, value: item(reader, depth + 1) };
  }
}

// Writing, for what is signed over: heads of byte strings and a few integers.
export function head(major, n) {
  if (n < 24) return Uint8Array.of((major << 5) | n);
  if (n < 0x100) return Uint8Array.of((major << 5) | 24, n);
  if (n < 0x10000) return Uint8Array.of((major << 5) | 25, n >> 8, n & 255);
  return Uint8Array.of((major << 5) | 26, n >>> 24, (n >> 16) & 255, (n >> 8) & 255, n & 255);
}
export const bstr = (bytes) => concat(head(2, bytes.length), bytes);
export function concat(...parts) {
  const out = new Uint8Array(parts.reduce((sum, p) => sum + p.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}
