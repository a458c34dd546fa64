/** A tensor of a checkpoint file that has not been read yet, and the number formats it may be written in. */

export interface StoredTensor {
  readonly shape: readonly number[];
  /** In the file's own words: `F32`, `BF16`, `I64` … */
  readonly dtype: string;
  /** The values as single precision, in row-major order. @throws CheckpointError for a format that holds no floats. */
  read(): Float32Array;
}

export type StoredTensors = ReadonlyMap<string, StoredTensor>;

/** Bytes of one number in the formats of safetensors. */
export const SIZES: Readonly<Record<string, number>> = {
  F64: 8,
  F32: 4,
  F16: 2,
  BF16: 2,
  I64: 8,
  I32: 4,
  I16: 2,
  I8: 1,
  U64: 8,
  U32: 4,
  U16: 2,
  U8: 1,
  BOOL: 1,
  F8_E4M3: 1,
  F8_E5M2: 1,
};

export const count = (shape: readonly number[]): number => shape.reduce((product, length) => product * length, 1);

/** Little-endian numbers of a floating format as single precision; null where the format is none. */
export function toFloat32(bytes: Uint8Array, dtype: string): Float32Array | null {
  const { buffer, byteOffset, byteLength } = bytes;
  const view = new DataView(buffer, byteOffset, byteLength);
  switch (dtype) {
    case 'F32': {
      const own = new Uint8Array(byteLength);
      own.set(bytes);
      return new Float32Array(own.buffer);
    }
    case 'F64':
      return Float32Array.from({ length: byteLength / 8 }, (_, i) => view.getFloat64(8 * i, true));
    case 'BF16': {
      // The upper half of a single-precision number.
      const bits = new Uint32Array(byteLength / 2);
      for (let i = 0; i < bits.length; i++) bits[i] = view.getUint16(2 * i, true) << 16;
      return new Float32Array(bits.buffer);
    }
    case 'F16': {
      const values = new Float32Array(byteLength / 2);
      for (let i = 0; i < values.length; i++) values[i] = halfToFloat(view.getUint16(2 * i, true));
      return values;
    }
    default:
      return null;
  }
}

/** IEEE 754 half precision: one bit sign, five bits exponent (bias 15), ten bits fraction. */
function halfToFloat(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction ? NaN : sign * Infinity;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}
