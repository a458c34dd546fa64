/** Numpy's archive of named arrays: a zip of NPY files (numpy's `lib/format.py`),
  which `np.load` gives back in order. */
import { zipSync } from 'fflate';
import type { NamedArray } from '../../data/safetensors';

/** Magic, version 1.0, then a Python dict padded so that the values begin at a multiple of 64. */
function encodeNpy({ shape, dtype, data }: NamedArray): Uint8Array {
  const lengths = shape.length === 1 ? `${shape[0]},` : shape.join(', ');
  const dict = `{'descr': '${dtype === 'int32' ? '<i4' : '<f4'}', 'fortran_order': False, 'shape': (${lengths}), }`;
  const padded = dict + ' '.repeat(63 - ((10 + dict.length) % 64)) + '\n';
  const head = Buffer.from(`\x93NUMPY\x01\x00\0\0${padded}`, 'latin1');
  head.writeUInt16LE(padded.length, 8);
  return Buffer.concat([head, new Uint8Array(data.buffer, data.byteOffset, data.byteLength)]);
}

export function encodeNpz(arrays: Readonly<Record<string, NamedArray>>): Uint8Array {
  const files = Object.fromEntries(Object.entries(arrays).map(([name, array]) => [`${name}.npy`, encodeNpy(array)]));
  return zipSync(files, { level: 0 });
}
