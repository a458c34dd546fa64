/** NPZ, numpy's archive of arrays (`numpy.savez`, `savez_compressed`): a ZIP file with one NPY file per array. */
import { resolvePath } from './bytes';
import { DataError } from './data-error';
import { readNpy, readNpyHeader, storedDType } from './npy';
import type { HeaderAccess } from './pair';
import { describePair, readPair } from './pair';
import type { DataConfig, ReadContext, Reader } from './reader';
import type { ZipMember } from './zip';
import { isZip, openMember, zipMembers } from './zip';

/** Names under which tutorials save their arrays, most telling first: samples, labels, and the test part of both. */
const usualNames: [x: string, y: string, testX: string, testY: string][] = [
  ['x_train', 'y_train', 'x_test', 'y_test'],
  ['X_train', 'y_train', 'X_test', 'y_test'],
  ['train_images', 'train_labels', 'test_images', 'test_labels'],
  ['train_data', 'train_labels', 'test_data', 'test_labels'],
  ['x', 'y', '', ''],
  ['X', 'y', '', ''],
  ['images', 'labels', '', ''],
  ['data', 'labels', '', ''],
  ['features', 'labels', '', ''],
];

interface Archive {
  path: string;
  members: Map<string, ZipMember>;
}

export async function openNpz(path: string): Promise<Archive> {
  const members = new Map<string, ZipMember>();
  for (const member of await zipMembers(path)) {
    if (member.name.endsWith('.npy')) members.set(member.name.slice(0, -4), member);
  }
  if (members.size === 0)
    throw new DataError(path, 'the archive holds no arrays (.npy)', 'Write it with numpy.savez(file, x=…, y=…).');
  return { path, members };
}

/** The names of samples and labels: those of the configuration, else the usual ones that the archive has. */
function arrayNames(
  config: DataConfig,
  { path, members }: Archive,
): { x: string; y?: string; test?: { x: string; y: string } } {
  const usual = usualNames.find(([x, y]) => members.has(x) && members.has(y));
  const x = (config['x'] as string | undefined) ?? usual?.[0];
  const y = (config['y'] as string | undefined) ?? (x === usual?.[0] ? usual?.[1] : undefined);
  if (x === undefined) {
    throw new DataError(
      path,
      `it is not clear which of its arrays are samples and labels: ${[...members.keys()].join(', ')}`,
      'Name them with "x" and "y".',
    );
  }
  for (const name of [x, y]) {
    if (name === undefined || members.has(name)) continue;
    throw new DataError(path, `it has no array "${name}"`, `It has: ${[...members.keys()].join(', ')}.`);
  }
  const test =
    usual && x === usual[0] && members.has(usual[2]) && members.has(usual[3])
      ? { x: usual[2], y: usual[3] }
      : undefined;
  return { x, ...(y !== undefined && { y }), ...(test && { test }) };
}

async function access(config: DataConfig, context: ReadContext): Promise<{ config: DataConfig; arrays: HeaderAccess }> {
  const archive = await openNpz(resolvePath(String(config['file']), context));
  const { x, y } = arrayNames(config, archive);
  const named: DataConfig = { ...config, x, ...(y !== undefined && { y }) };
  const member = (key: 'x' | 'y'): ZipMember => archive.members.get(String(named[key]))!;
  const arrays: HeaderAccess = {
    paths: [archive.path],
    header: async key => {
      const source = await openMember(archive.path, member(key));
      try {
        const header = await readNpyHeader(source);
        return { shape: header.shape, dtype: storedDType(header) };
      } finally {
        source.close();
      }
    },
    read: async (key, limit) => {
      const source = await openMember(archive.path, member(key));
      try {
        return await readNpy(source, context, limit);
      } finally {
        source.close();
      }
    },
    file: key => `${archive.path} (${String(named[key])})`,
  };
  return { config: named, arrays };
}

export const npz: Reader = {
  id: 'npz',
  title: 'NPZ archives (numpy.savez)',
  doc:
    'Several numpy arrays in one file, stored or compressed. Samples and labels are found under their usual names ' +
    '(x_train and y_train, x and y, train_images and train_labels, …), and a test part beside them is used for ' +
    'validation.',
  keys: [
    { name: 'file', required: true, schema: { type: 'string' }, doc: 'The NPZ file.' },
    { name: 'x', schema: { type: 'string' }, doc: 'Name of the array with the samples.' },
    { name: 'y', schema: { type: 'string' }, doc: 'Name of the array with the labels.' },
    { name: 'classes', schema: { type: 'array', items: { type: 'string' } }, doc: 'Names of the labels 0, 1, 2, …' },
  ],
  example: {
    reader: 'npz',
    file: 'mnist.npz',
    x: 'x_train',
    y: 'y_train',
    scale: 0.00392156862745098,
    validation: { x: 'x_test', y: 'y_test' },
  },

  async suggest(path, head): Promise<DataConfig | null> {
    if (!isZip(head)) return null;
    const members = await zipMembers(path);
    if (!members.some(member => member.name.endsWith('.npy'))) return null;
    const archive = await openNpz(path);
    const config: DataConfig = { reader: 'npz', file: path };
    try {
      const { x } = arrayNames(config, archive);
      const source = await openMember(path, archive.members.get(x)!);
      const header = await readNpyHeader(source).finally(() => source.close());
      if (storedDType(header) === 'uint8' && header.shape.length > 2) config['scale'] = 1 / 255;
    } catch (error) {
      if (!(error instanceof DataError)) throw error;
    }
    return config;
  },

  async describe(config, context) {
    const { config: named, arrays } = await access(config, context);
    return describePair(named, arrays);
  },

  async read(config, context) {
    const { config: named, arrays } = await access(config, context);
    return readPair(named, arrays);
  },

  async ownValidation(config, context) {
    return arrayNames(config, await openNpz(resolvePath(String(config['file']), context))).test ?? null;
  },
};
