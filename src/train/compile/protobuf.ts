// A writer for the protocol buffer wire format: all that a GraphDef needs, in place of a library and its descriptors.
// Wire format: https://protobuf.dev/programming-guides/encoding/.

const VARINT = 0;
const LENGTH_DELIMITED = 2;
const FIXED32 = 5;

/** A message under construction: pieces that are joined once, so that large constants are copied a single time. */
export class Message {
  private readonly parts: Uint8Array[] = [];
  byteLength = 0;

  /** Integer and enum fields; negative numbers take ten bytes as the format asks. */
  integer(field: number, value: number): this {
    return this.push(varint(field * 8 + VARINT)).push(varint(value));
  }

  boolean(field: number, value: boolean): this {
    return this.integer(field, value ? 1 : 0);
  }

  float(field: number, value: number): this {
    const bytes = new Uint8Array(4);
    new DataView(bytes.buffer).setFloat32(0, value, true);
    return this.push(varint(field * 8 + FIXED32)).push(bytes);
  }

  string(field: number, value: string): this {
    return this.bytes(field, Buffer.from(value));
  }

  bytes(field: number, value: Uint8Array): this {
    return this.push(varint(field * 8 + LENGTH_DELIMITED))
      .push(varint(value.byteLength))
      .push(value);
  }

  message(field: number, value: Message): this {
    this.push(varint(field * 8 + LENGTH_DELIMITED)).push(varint(value.byteLength));
    for (const part of value.parts) this.push(part);
    return this;
  }

  /** A packed repeated integer field. */
  integers(field: number, values: readonly number[]): this {
    const packed = new Message();
    for (const value of values) packed.push(varint(value));
    return this.message(field, packed);
  }

  /** An entry of a `map<string, message>` field. */
  entry(field: number, key: string, value: Message): this {
    return this.message(field, new Message().string(1, key).message(2, value));
  }

  /** Writes the fields of an already encoded message after these: the format concatenates. */
  append(encoded: Uint8Array): this {
    return this.push(encoded);
  }

  encode(): Uint8Array {
    const out = new Uint8Array(this.byteLength);
    let at = 0;
    for (const part of this.parts) {
      out.set(part, at);
      at += part.byteLength;
    }
    return out;
  }

  private push(part: Uint8Array): this {
    this.parts.push(part);
    this.byteLength += part.byteLength;
    return this;
  }
}

const smallVarints = Array.from({ length: 128 }, (_, value) => Uint8Array.of(value));

function varint(value: number): Uint8Array {
  const small = smallVarints[value];
  if (small !== undefined) return small;
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  while (rest > 127n) {
    bytes.push(Number(rest & 127n) | 128);
    rest >>= 7n;
  }
  bytes.push(Number(rest));
  return Uint8Array.from(bytes);
}
