/** The safetensors format: an 8-byte length, a JSON header, then the values. https://github.com/huggingface/safetensors */
export interface NamedArray {
  readonly shape: readonly number[];
  readonly dtype: 'float32' | 'int32';
  readonly data: Float32Array | Int32Array;
}

const DTYPES = { float32: 'F32', int32: 'I32' } as const;

export function encodeSafetensors(
  arrays: Readonly<Record<string, NamedArray>>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  const header: Record<string, unknown> = { __metadata__: metadata };
  let offset = 0;
  for (const [name, { shape, dtype, data }] of Object.entries(arrays)) {
    header[name] = { dtype: DTYPES[dtype], shape, data_offsets: [offset, offset + data.byteLength] };
    offset += data.byteLength;
  }
  const text = JSON.stringify(header);
  const json = new TextEncoder().encode(text + ' '.repeat((8 - (Buffer.byteLength(text) % 8)) % 8));
  const bytes = new Uint8Array(8 + json.length + offset);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(json.length), true);
  bytes.set(json, 8);
  let at = 8 + json.length;
  for (const { data } of Object.values(arrays)) {
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
    at += data.byteLength;
  }
  return bytes;
}

/** @throws Error when the bytes are not whole. */
export function decodeSafetensors(bytes: Uint8Array): Record<string, NamedArray> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 8) throw new Error('the file is too short');
  const length = Number(view.getBigUint64(0, true));
  if (8 + length > bytes.length) throw new Error('the header is cut off');
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length))) as Record<
    string,
    { dtype: string; shape: number[]; data_offsets: [number, number] }
  >;
  const out: Record<string, NamedArray> = {};
  for (const [name, entry] of Object.entries(header)) {
    if (name === '__metadata__') continue;
    const [from, to] = entry.data_offsets;
    if (8 + length + to > bytes.length) throw new Error(`the values of "${name}" are cut off`);
    // A Buffer's own `slice` would share its memory, at an address that may be no multiple of four.
    const copy = Uint8Array.prototype.slice.call(bytes, 8 + length + from, 8 + length + to);
    if (entry.dtype === 'F32')
      out[name] = { shape: entry.shape, dtype: 'float32', data: new Float32Array(copy.buffer) };
    else if (entry.dtype === 'I32')
      out[name] = { shape: entry.shape, dtype: 'int32', data: new Int32Array(copy.buffer) };
    else throw new Error(`"${name}" has the type ${entry.dtype}, which checkpoints do not use`);
  }
  return out;
}
