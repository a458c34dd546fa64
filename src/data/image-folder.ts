/** Images in one folder per class, as `keras.utils.image_dataset_from_directory` reads them. Decoding is injected. */
import type { Dirent } from 'node:fs';
import { open, readdir, readFile, stat } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { asDataError, checkFile, checkSize, resolvePath } from './bytes';
import { DataError } from './data-error';
import type { DataDescription, DataSet } from './dataset';
import { randomBits, shuffle, inOrder } from './random';
import type { DataConfig, ReadContext, Reader } from './reader';

const imageTypes = ['.png', '.jpg', '.jpeg', '.bmp', '.gif'];

interface Listing {
  folder: string;
  classes: string[];
  /** Files and their class, class by class in sorted order. */
  files: { path: string; label: number }[];
}

async function listImages(config: DataConfig, context: ReadContext, like?: DataSet): Promise<Listing> {
  const folder = resolvePath(String(config['folder']), context);
  let entries;
  try {
    if (!(await stat(folder)).isDirectory())
      throw new DataError(folder, 'this is a file, not a folder', 'Name the folder that has one subfolder per class.');
    entries = await readdir(folder, { withFileTypes: true });
  } catch (error) {
    throw await asDataError(folder, error);
  }
  const isClass = (entry: Dirent): boolean => entry.isDirectory() && !entry.name.startsWith('.');
  const found = entries
    .filter(isClass)
    .map(entry => entry.name)
    .sort();
  const classes = (config['classes'] as string[] | undefined) ?? like?.classes ?? found;
  if (classes.length === 0)
    throw new DataError(
      folder,
      'the folder has no subfolders',
      'Make one subfolder per class and put its images there.',
    );
  const unknown = found.find(name => !classes.includes(name));
  if (like && unknown !== undefined)
    throw new DataError(
      join(folder, unknown),
      'the training images have no such class',
      `The classes are: ${classes.join(', ')}.`,
    );
  const files: Listing['files'] = [];
  for (const [label, name] of classes.entries()) {
    const inside = await readdir(join(folder, name)).catch(async (error: unknown) =>
      Promise.reject(await asDataError(join(folder, name), error)),
    );
    const images = inside.filter(file => imageTypes.includes(extname(file).toLowerCase())).sort();
    if (images.length === 0)
      throw new DataError(
        join(folder, name),
        'the folder holds no images',
        `Known are ${imageTypes.join(', ')}; remove the folder if it is no class.`,
      );
    for (const file of images) files.push({ path: join(folder, name, file), label });
  }
  return { folder, classes, files: limited(files, config['limit'] as number | undefined, context.seed ?? 0) };
}

/** A limit takes images from all classes: drawn at random, then put back in order. */
function limited(files: Listing['files'], limit: number | undefined, seed: number): Listing['files'] {
  if (limit === undefined || limit >= files.length) return files;
  return [...shuffle(inOrder(files.length), randomBits(seed, 1)).slice(0, limit).sort()].map(index => files[index]!);
}

interface Size {
  height: number;
  width: number;
}

/** Width and height from the header of a PNG, JPEG, GIF or BMP; null when it is none of them. */
export function imageSize(bytes: Uint8Array): Size | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const starts = (...magic: number[]): boolean => magic.every((byte, i) => bytes[i] === byte);
  if (starts(0x89, 0x50, 0x4e, 0x47) && bytes.length >= 24)
    return { width: view.getUint32(16), height: view.getUint32(20) };
  if (starts(0x47, 0x49, 0x46) && bytes.length >= 10)
    return { width: view.getUint16(6, true), height: view.getUint16(8, true) };
  if (starts(0x42, 0x4d) && bytes.length >= 26)
    return { width: view.getInt32(18, true), height: Math.abs(view.getInt32(22, true)) };
  if (!starts(0xff, 0xd8)) return null;
  for (let at = 2; at + 9 < bytes.length && bytes[at] === 0xff;) {
    const marker = bytes[at + 1]!;
    // Start of frame: all of C0 to CF except the tables C4, C8 and CC.
    if (marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker))
      return { height: view.getUint16(at + 5), width: view.getUint16(at + 7) };
    at += 2 + view.getUint16(at + 2);
  }
  return null;
}

async function sizeOfImage(path: string): Promise<Size> {
  await checkFile(path);
  const file = await open(path, 'r');
  try {
    const head = new Uint8Array(1 << 16);
    const { bytesRead } = await file.read(head, 0, head.length, 0);
    const size = imageSize(head.subarray(0, bytesRead));
    if (size) return size;
  } finally {
    await file.close();
  }
  throw new DataError(
    path,
    `this is no ${extname(path).slice(1).toUpperCase()} image`,
    'Remove it or save it again as PNG or JPEG.',
  );
}

/**
 * Bilinear resizing with half-pixel centres and without anti-aliasing, as `tf.image.resize` does.
 * @param image shape `[height, width, channels]`
 */
export function resize(image: Uint8Array, from: Size, to: Size, channels: number, out: Uint8Array): void {
  const axis = (length: number, target: number): { low: number; high: number; part: number }[] =>
    Array.from({ length: target }, (_, i) => {
      const centre = Math.max(0, ((i + 0.5) * length) / target - 0.5);
      const low = Math.min(length - 1, Math.floor(centre));
      return { low, high: Math.min(length - 1, low + 1), part: centre - low };
    });
  const columns = axis(from.width, to.width);
  axis(from.height, to.height).forEach((row, y) => {
    columns.forEach((column, x) => {
      for (let c = 0; c < channels; c++) {
        const at = (r: number, k: number): number => image[(r * from.width + k) * channels + c]!;
        const top = at(row.low, column.low) + (at(row.low, column.high) - at(row.low, column.low)) * column.part;
        const bottom = at(row.high, column.low) + (at(row.high, column.high) - at(row.high, column.low)) * column.part;
        out[(y * to.width + x) * channels + c] = Math.round(top + (bottom - top) * row.part);
      }
    });
  });
}

async function targetSize(config: DataConfig, files: Listing['files']): Promise<Size> {
  const size = config['size'] as [number, number] | undefined;
  return size ? { height: size[0], width: size[1] } : sizeOfImage(files[0]!.path);
}

function channelsOf(config: DataConfig): 1 | 3 | 4 {
  return (config['channels'] as 1 | 3 | 4 | undefined) ?? 3;
}

export const imageFolder: Reader = {
  id: 'image-folder',
  title: 'Image folder',
  doc:
    'One subfolder per class with PNG, JPEG, BMP or GIF images; the classes are the sorted names of the ' +
    'subfolders. ' +
    'Images are resized (bilinear) ' +
    'to one size and kept as bytes.',
  keys: [
    { name: 'folder', required: true, schema: { type: 'string' }, doc: 'The folder with one subfolder per class.' },
    {
      name: 'size',
      schema: { type: 'array', items: { type: 'integer', minimum: 1 }, minItems: 2, maxItems: 2 },
      doc: 'Height and width of the images. Default: those of the first image.',
    },
    { name: 'channels', default: 3, schema: { enum: [1, 3, 4] }, doc: '1 for grey, 3 for RGB, 4 for RGB with alpha.' },
    {
      name: 'classes',
      schema: { type: 'array', items: { type: 'string' }, minItems: 1 },
      doc: 'Subfolders in the order of their labels. Default: sorted.',
    },
  ],
  example: {
    reader: 'image-folder',
    folder: 'flowers',
    size: [64, 64],
    channels: 3,
    scale: 0.00392156862745098,
    validation: 0.2,
  },

  async suggest(path): Promise<DataConfig | null> {
    if (!(await stat(path)).isDirectory()) return null;
    try {
      await listImages({ reader: 'image-folder', folder: path }, { folder: path });
    } catch (error) {
      if (error instanceof DataError) return null;
      throw error;
    }
    return { reader: 'image-folder', folder: path, scale: 1 / 255 };
  },

  async describe(config, context): Promise<DataDescription> {
    const { folder, classes, files } = await listImages(config, context);
    const { height, width } = await targetSize(config, files);
    const counts = classes.map(() => 0);
    for (const { label } of files) counts[label]!++;
    return {
      reader: 'image-folder',
      files: [{ path: folder, bytes: 0 }],
      samples: files.length,
      x: { shape: [files.length, height, width, channelsOf(config)], dtype: 'uint8' },
      y: { shape: [files.length], dtype: 'int32', minimum: 0, maximum: classes.length - 1 },
      classes,
      balance: classes.map((label, i) => ({ label, count: counts[i]! })),
      notes: config['size'] ? [] : [`size taken from ${basename(files[0]!.path)}`],
    };
  },

  async read(config, context, like): Promise<DataSet> {
    const { folder, classes, files } = await listImages(config, context, like);
    const { decodeImage } = context;
    if (!decodeImage)
      throw new DataError(folder, 'this runtime cannot decode images', 'Set up the native TensorFlow runtime.');
    const size = like ? { height: like.x.shape[1]!, width: like.x.shape[2]! } : await targetSize(config, files);
    const channels = channelsOf(config);
    const length = size.height * size.width * channels;
    checkSize(folder, context, files.length * length, 'Set a smaller "size" or a "limit".');
    const data = new Uint8Array(files.length * length);
    for (const [index, { path }] of files.entries()) {
      context.signal?.throwIfAborted();
      const from = await sizeOfImage(path);
      // The header says what decoding will allocate: a small file may claim a huge image.
      checkSize(path, context, from.height * from.width * channels, 'Remove the image.');
      let image;
      try {
        image = await decodeImage(await readFile(path), channels);
      } catch (error) {
        throw new DataError(
          path,
          `the image cannot be decoded (${error instanceof Error ? error.message.split('\n')[0] : String(error)})`,
          'Remove it or save it again as PNG or JPEG.',
        );
      }
      const target = data.subarray(index * length, (index + 1) * length);
      if (image.height === size.height && image.width === size.width) target.set(image.data);
      else resize(image.data, image, size, channels, target);
      context.onProgress?.((index + 1) / files.length);
    }
    return {
      x: { dtype: 'uint8', shape: [files.length, size.height, size.width, channels], data },
      y: { dtype: 'int32', shape: [files.length], data: Int32Array.from(files, file => file.label) },
      classes,
      source: folder,
    };
  },
};
