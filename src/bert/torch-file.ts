/**
 * Reads `pytorch_model.bin`: the archive that PyTorch writes since 1.6, and the row of pickles it wrote before. The
 * pickle is only read, never run: see `unpickle.ts`. Layouts: `torch/serialization.py`.
 */
import fs from 'node:fs';
import path from 'node:path';
import { isZip, zipMembers } from '../data/zip';
import { CheckpointError } from './checkpoint-error';
import { count, SIZES, type StoredTensor, type StoredTensors, toFloat32 } from './stored-tensor';
import { type Global, unpickle } from './unpickle';

const DTYPES: Readonly<Record<string, string>> = {
  FloatStorage: 'F32',
  HalfStorage: 'F16',
  BFloat16Storage: 'BF16',
  DoubleStorage: 'F64',
  LongStorage: 'I64',
  IntStorage: 'I32',
  ShortStorage: 'I16',
  CharStorage: 'I8',
  ByteStorage: 'U8',
  BoolStorage: 'BOOL',
};

/** The first of the pickles in the old layout: `MAGIC_NUMBER` of `torch/serialization.py`. */
const MAGIC = 0x1950a86a20f9469cfc6cn;

const AGAIN = 'Download it again, or take a checkpoint with model.safetensors.';

/** Numbers that tensors are views of. */
interface Storage {
  readonly key: string;
  readonly dtype: string;
  readonly length: number;
}

interface View {
  readonly storage: Storage;
  readonly offset: number;
  readonly shape: number[];
  readonly strides: number[];
}

/** Where a storage's bytes lie in the file. */
type Places = ReadonlyMap<string, { readonly at: number; readonly bytes: number }>;

/** @throws CheckpointError for damaged files, and for a pickle that wants anything but weights */
export async function openTorchFile(file: string): Promise<StoredTensors> {
  const head = Buffer.alloc(4);
  const fd = fs.openSync(file, 'r');
  try {
    fs.readSync(fd, head, 0, 4, 0);
  } finally {
    fs.closeSync(fd);
  }
  return isZip(head) ? openArchive(file) : openLegacy(file);
}

async function openArchive(file: string): Promise<StoredTensors> {
  const name = path.basename(file);
  const members = await zipMembers(file);
  const pickle = members.find(member => /(^|\/)data\.pkl$/.test(member.name));
  if (!pickle) throw new CheckpointError(`${name} is an archive without data.pkl, so not one of PyTorch.`, AGAIN);
  const folder = pickle.name.slice(0, -'data.pkl'.length);
  const fd = fs.openSync(file, 'r');
  try {
    const places = new Map<string, { at: number; bytes: number }>();
    let program: Buffer | null = null;
    for (const { name: member, method, headerOffset, size } of members) {
      if (member !== pickle.name && !member.startsWith(`${folder}data/`)) continue;
      if (method !== 0) throw new CheckpointError(`${name}: "${member}" is compressed, as PyTorch never does.`, AGAIN);
      const header = Buffer.alloc(30);
      fs.readSync(fd, header, 0, 30, headerOffset);
      const at = headerOffset + 30 + header.readUInt16LE(26) + header.readUInt16LE(28);
      if (member === pickle.name) {
        program = Buffer.alloc(size);
        fs.readSync(fd, program, 0, size, at);
      } else {
        places.set(member.slice(folder.length + 'data/'.length), { at, bytes: size });
      }
    }
    return tensorsOf(file, stateDict(name, read(name, program!, 0).value), places);
  } finally {
    fs.closeSync(fd);
  }
}

function openLegacy(file: string): StoredTensors {
  const name = path.basename(file);
  const bytes = fs.readFileSync(file);
  const magic = read(name, bytes, 0);
  if (magic.value !== MAGIC) throw new CheckpointError(`${name} is no file of PyTorch weights.`, AGAIN);
  const version = read(name, bytes, magic.end);
  const system = read(name, bytes, version.end);
  const state = read(name, bytes, system.end);
  const storages = new Map<string, Storage>();
  const dictionary = stateDict(name, state.value);
  for (const { storage } of dictionary.values()) storages.set(storage.key, storage);
  const keys = read(name, bytes, state.end);
  const places = new Map<string, { at: number; bytes: number }>();
  let at = keys.end;
  for (const key of keys.value as unknown[]) {
    if (at + 8 > bytes.length) throw new CheckpointError(`${name} is cut off.`, AGAIN);
    const length = Number(bytes.readBigUInt64LE(at));
    const storage = storages.get(String(key));
    if (!storage) throw new CheckpointError(`${name} has a storage "${String(key)}" that no tensor uses.`, AGAIN);
    const size = length * SIZES[storage.dtype]!;
    places.set(storage.key, { at: at + 8, bytes: size });
    at += 8 + size;
  }
  if (at > bytes.length) throw new CheckpointError(`${name} is cut off.`, AGAIN);
  return tensorsOf(file, dictionary, places);
}

const key = ({ module, name }: Global): string => `${module}.${name}`;

const REBUILD = new Set(['torch._utils._rebuild_tensor_v2', 'torch._utils._rebuild_tensor']);
const CONSTRUCTORS = new Set([...REBUILD, 'torch._utils._rebuild_parameter', 'collections.OrderedDict', 'torch.Size']);

const isStorage = ({ module, name }: Global): boolean => module === 'torch' && Object.hasOwn(DTYPES, name);

function read(file: string, bytes: Uint8Array, offset: number): { value: unknown; end: number } {
  return unpickle(bytes, offset, {
    file,
    allows: of => CONSTRUCTORS.has(key(of)) || isStorage(of),
    construct(of, args) {
      const name = key(of);
      if (REBUILD.has(name)) return view(file, args);
      if (name === 'torch._utils._rebuild_parameter') return args[0];
      if (name === 'torch.Size') return args[0];
      if (name === 'collections.OrderedDict') return new Map((args[0] as [unknown, unknown][] | undefined) ?? []);
      return undefined;
    },
    persistent(id) {
      const [kind, type, storageKey, , length] = Array.isArray(id) ? (id as unknown[]) : [];
      const of = type as Global | undefined;
      if (kind !== 'storage' || !of || !isStorage(of) || typeof length !== 'number') {
        throw new CheckpointError(`${file} refers to something that is no storage of numbers.`, AGAIN);
      }
      return { key: String(storageKey), dtype: DTYPES[of.name]!, length } satisfies Storage;
    },
  });
}

const isIndex = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

function view(file: string, [storage, offset, shape, strides]: readonly unknown[]): View {
  const lists = Array.isArray(shape) && Array.isArray(strides) && shape.length === strides.length;
  if (!lists || !shape.every(isIndex) || !strides.every(isIndex) || !isIndex(offset)) {
    throw new CheckpointError(`${file} has a tensor without shape and strides.`, AGAIN);
  }
  const { length } = storage as Storage;
  const last = shape.reduce((at, size, axis) => at + (size - 1) * strides[axis]!, offset);
  if (count(shape) > 0 && last >= length) {
    throw new CheckpointError(`${file} has a tensor that reaches beyond its storage.`, AGAIN);
  }
  return { storage: storage as Storage, offset, shape, strides };
}

const isView = (value: unknown): value is View =>
  typeof value === 'object' && value !== null && 'storage' in value && 'strides' in value;

/** Some files wrap the weights: `{"state_dict": …}`, `{"model": …}`. */
function stateDict(file: string, value: unknown): Map<string, View> {
  if (value instanceof Map) {
    for (const inner of ['state_dict', 'model']) {
      if (value.get(inner) instanceof Map) return stateDict(file, value.get(inner));
    }
    const views = [...value].filter(
      (entry): entry is [string, View] => typeof entry[0] === 'string' && isView(entry[1]),
    );
    if (views.length > 0) return new Map(views);
  }
  throw new CheckpointError(`${file} holds no dictionary of weights.`, AGAIN);
}

function tensorsOf(file: string, views: ReadonlyMap<string, View>, places: Places): StoredTensors {
  const name = path.basename(file);
  const { size } = fs.statSync(file);
  const tensors = new Map<string, StoredTensor>();
  for (const [tensor, one] of views) {
    const { storage } = one;
    const place = places.get(storage.key);
    if (!place || place.at + place.bytes > size || place.bytes < storage.length * SIZES[storage.dtype]!) {
      throw new CheckpointError(`${name} lacks the values of "${tensor}".`, AGAIN);
    }
    tensors.set(tensor, { shape: one.shape, dtype: storage.dtype, read: () => values(file, tensor, one, place.at) });
  }
  return tensors;
}

function values(file: string, tensor: string, { storage, offset, shape, strides }: View, at: number): Float32Array {
  const size = SIZES[storage.dtype]!;
  const length = count(shape);
  const span = length === 0 ? 0 : shape.reduce((reach, extent, axis) => reach + (extent - 1) * strides[axis]!, 1);
  const bytes = new Uint8Array(span * size);
  const fd = fs.openSync(file, 'r');
  try {
    for (let done = 0; done < bytes.length;) {
      const got = fs.readSync(fd, bytes, done, bytes.length - done, at + offset * size + done);
      if (got === 0) throw new CheckpointError(`${path.basename(file)} ends inside the tensor "${tensor}".`, AGAIN);
      done += got;
    }
  } finally {
    fs.closeSync(fd);
  }
  const flat = toFloat32(bytes, storage.dtype);
  if (!flat) {
    throw new CheckpointError(
      `In ${path.basename(file)} the tensor "${tensor}" has the type ${storage.dtype}, which holds no weights.`,
      'Save the checkpoint in float32, float16 or bfloat16.',
    );
  }
  return isContiguous(shape, strides) ? flat : gathered(flat, shape, strides);
}

function isContiguous(shape: readonly number[], strides: readonly number[]): boolean {
  let expected = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    if (shape[axis] !== 1 && strides[axis] !== expected) return false;
    expected *= shape[axis]!;
  }
  return true;
}

/** Copies a strided view, a transposed matrix for example, into row-major order. */
function gathered(flat: Float32Array, shape: readonly number[], strides: readonly number[]): Float32Array {
  const out = new Float32Array(count(shape));
  const index = shape.map(() => 0);
  for (let i = 0; i < out.length; i++) {
    out[i] = flat[index.reduce((at, position, axis) => at + position * strides[axis]!, 0)]!;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      index[axis]!++;
      if (index[axis]! < shape[axis]!) break;
      index[axis] = 0;
    }
  }
  return out;
}
