/** The local copy of a `keras.datasets` set, so that `mnist.load_data()` in a file finds its data without Python. */
import { stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { DataError } from './data-error';
import { idx } from './idx';
import { npz } from './npz';
import type { DataConfig, ReadContext, Reader } from './reader';

interface KerasDataset {
  /** The reader's configuration for the folder the files were found in. */
  config(folder: string, part: 'train' | 'test'): DataConfig;
  /** A file that proves the set is there, relative to the folder. */
  marker: string;
  reader: Reader;
  classes: string[];
}

const digits = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'];

/** The sets whose files hold plain arrays. The text sets (imdb, reuters) and CIFAR are Python pickles. */
const datasets: Record<string, KerasDataset> = {
  mnist: {
    marker: 'mnist.npz',
    reader: npz,
    classes: digits,
    config: (folder, part) => ({ reader: 'npz', file: join(folder, 'mnist.npz'), x: `x_${part}`, y: `y_${part}` }),
  },
  fashion_mnist: {
    marker: join('fashion-mnist', 'train-images-idx3-ubyte.gz'),
    reader: idx,
    classes: ['T-shirt/top', 'Trouser', 'Pullover', 'Dress', 'Coat', 'Sandal', 'Shirt', 'Sneaker', 'Bag', 'Ankle boot'],
    config: (folder, part) => {
      const name = (kind: string): string =>
        join(folder, 'fashion-mnist', `${part === 'train' ? 'train' : 't10k'}-${kind}-ubyte.gz`);
      return { reader: 'idx', x: name('images-idx3'), y: name('labels-idx1') };
    },
  },
};

export const kerasDatasetNames: readonly string[] = Object.keys(datasets);

/**
 * Folders where the files of `keras.datasets` may lie: near the configuration, in the workspace, in Keras's own cache.
 */
function searchFolders(context: ReadContext): string[] {
  const roots = [context.folder, dirname(context.folder), ...(context.workspace ?? [])];
  const kerasHome = process.env['KERAS_HOME'] ?? join(homedir(), '.keras');
  return [...new Set([...roots.flatMap(root => [root, join(root, 'data')]), join(kerasHome, 'datasets')])];
}

/** The folder that holds the set, or null. */
export async function findKerasDataset(name: string, context: ReadContext): Promise<string | null> {
  const marker = datasets[name]?.marker;
  if (!marker) return null;
  for (const folder of searchFolders(context)) {
    if (
      await stat(join(folder, marker)).then(
        info => info.isFile(),
        () => false,
      )
    )
      return folder;
  }
  return null;
}

async function inner(config: DataConfig, context: ReadContext): Promise<{ reader: Reader; config: DataConfig }> {
  const name = String(config['dataset']);
  const dataset = datasets[name]!;
  const folder = await findKerasDataset(name, context);
  if (folder === null) {
    throw new DataError(
      dataset.marker,
      `the data set "${name}" of keras.datasets is not on this machine`,
      `Looked in ${searchFolders(context).join(', ')}. Put the file into one of them; running ` +
        `keras.datasets.${name}.load_data() in Python downloads it.`,
    );
  }
  const { limit } = config;
  const part = (config['part'] as 'train' | 'test' | undefined) ?? 'train';
  return {
    reader: dataset.reader,
    config: { ...dataset.config(folder, part), classes: dataset.classes, ...(limit !== undefined && { limit }) },
  };
}

export const kerasDataset: Reader = {
  id: 'keras',
  title: 'keras.datasets',
  doc:
    'A data set of keras.datasets that is already on this machine: in the workspace, in a folder "data" of it, or ' +
    'in ~/.keras/datasets. ' +
    'Nothing is downloaded. The test part is used for validation.',
  keys: [
    { name: 'dataset', required: true, schema: { enum: kerasDatasetNames }, doc: 'Its name in keras.datasets.' },
    { name: 'part', default: 'train', schema: { enum: ['train', 'test'] }, doc: 'Which part to read.' },
  ],
  example: { reader: 'keras', dataset: 'mnist', scale: 0.00392156862745098 },

  // A picked file is always read by its own format.
  suggest: async () => null,

  async describe(config, context) {
    const target = await inner(config, context);
    return { ...(await target.reader.describe(target.config, context)), reader: 'keras' };
  },

  async read(config, context) {
    const target = await inner(config, context);
    return target.reader.read(target.config, context);
  },

  ownValidation: async () => ({ part: 'test' }),
};
