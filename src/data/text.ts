/**
 * Plain text for a language model: windows of tokens and the tokens that follow them.
 *
 * Token 0 is a character or word of its own like any other unless the vocabulary is limited; then it stands for
 * everything rare.
 */
import { readFile } from 'node:fs/promises';
import { checkFile, checkSize, headOf, memoryLimit, resolvePath } from './bytes';
import { bytesText, DataError, quote } from './data-error';
import type { DataArray, DataDescription, DataSet } from './dataset';
import { fileSize } from './pair';
import type { DataConfig, ReadContext, Reader } from './reader';

export const unknownToken = '[UNK]';

interface TextOptions {
  level: 'character' | 'word';
  length: number;
  step: number;
  size: number | undefined;
  oneHot: boolean;
  target: 'next' | 'sequence';
  lowercase: boolean;
}

function textOptions(config: DataConfig): TextOptions {
  return {
    level: (config['level'] as 'character' | 'word' | undefined) ?? 'character',
    length: (config['sequenceLength'] as number | undefined) ?? 40,
    step: (config['step'] as number | undefined) ?? 1,
    size: config['vocabularySize'] as number | undefined,
    // The shared "oneHot" is about labels; for text it is x that the first layer wants as rows of 0 and 1.
    oneHot: config['oneHot'] === true,
    target: (config['target'] as 'next' | 'sequence' | undefined) ?? 'next',
    lowercase: config['lowercase'] === true,
  };
}

async function readText(path: string, context: ReadContext, lowercase: boolean): Promise<string> {
  const size = await checkFile(path);
  // A JavaScript string takes up to two bytes per character, its tokens four.
  checkSize(path, context, 6 * size, 'Use a part of the text.');
  const text = new TextDecoder('utf-8').decode(await readFile(path));
  const broken = text.indexOf('\0');
  if (broken >= 0)
    throw new DataError(path, 'this is a binary file, not text', 'Save it as plain text (UTF-8).', { offset: broken });
  if (text.trim() === '')
    throw new DataError(path, 'the file holds nothing but white space', 'Check how it was written.');
  const lines = text.replace(/\r\n?/g, '\n');
  return lowercase ? lines.toLowerCase() : lines;
}

/**
 * Characters are Unicode code points; words are runs of letters and digits, every other visible sign is a word of its
 * own.
 */
export function tokensOf(text: string, level: 'character' | 'word'): string[] {
  return level === 'character' ? [...text] : (text.match(/[\p{L}\p{N}_'’]+|\n|[^\s\p{L}\p{N}]/gu) ?? []);
}

/** Distinct tokens, sorted; with a `size` the most frequent ones after the unknown token. */
export function vocabularyOf(tokens: readonly string[], size?: number): string[] {
  const counts = new Map<string, number>();
  for (const token of tokens) counts.set(token, (counts.get(token) ?? 0) + 1);
  const sorted = [...counts.keys()].sort();
  if (size === undefined || sorted.length <= size) return sorted;
  const frequent = sorted.sort((a, b) => counts.get(b)! - counts.get(a)! || (a < b ? -1 : 1)).slice(0, size - 1);
  return [unknownToken, ...frequent.sort()];
}

interface Tokens {
  indices: Int32Array;
  vocabulary: string[];
  unknown: number;
}

function encode(path: string, text: string, options: TextOptions, like?: DataSet): Tokens {
  const tokens = tokensOf(text, options.level);
  const vocabulary = like?.vocabulary ?? vocabularyOf(tokens, options.size);
  const index = new Map(vocabulary.map((token, i) => [token, i]));
  const rest = index.get(unknownToken);
  let unknown = 0;
  const indices = Int32Array.from(tokens, token => {
    const known = index.get(token);
    if (known !== undefined) return known;
    unknown++;
    if (rest === undefined) {
      throw new DataError(
        path,
        `${quote(token)} does not occur in the training text`,
        'Set "vocabularySize" below the number of tokens, so that there is one for the unknown.',
      );
    }
    return rest;
  });
  return { indices, vocabulary, unknown };
}

/** Windows that fit: the last one still needs a token after it. */
function windowCount(tokens: number, { length, step }: TextOptions): number {
  return Math.max(0, Math.ceil((tokens - length) / step));
}

function checkLength(path: string, tokens: number, { length, level }: TextOptions): void {
  if (tokens > length) return;
  throw new DataError(
    path,
    `the text has ${tokens} ${level}s, a window of ${length} and the one to predict do not fit`,
    'Use a longer text or a smaller "sequenceLength".',
  );
}

function windows(
  path: string,
  { indices, vocabulary }: Tokens,
  options: TextOptions,
  limit: number,
  context: ReadContext,
): Pick<DataSet, 'x' | 'y'> {
  const { length, step, oneHot, target } = options;
  checkLength(path, indices.length, options);
  const count = Math.min(limit, windowCount(indices.length, options));
  const depth = Math.max(vocabulary.length, options.size ?? 0);
  const bytes = count * length * (oneHot ? depth : 4);
  if (bytes > memoryLimit(context) || bytes >= 2 ** 32) {
    throw new DataError(
      path,
      `${count} windows of ${length}${oneHot ? `×${depth}` : ''} would take ${bytesText(bytes)} of memory`,
      oneHot ? 'Raise "step", set "limit", or use an Embedding layer and no "oneHot".' : 'Raise "step" or set "limit".',
    );
  }
  const data = oneHot ? new Uint8Array(count * length * depth) : new Int32Array(count * length);
  for (let i = 0; i < count; i++) {
    for (let k = 0; k < length; k++) {
      const token = indices[i * step + k]!;
      if (oneHot) data[(i * length + k) * depth + token] = 1;
      else data[i * length + k] = token;
    }
  }
  const x: DataArray = oneHot
    ? { dtype: 'uint8', shape: [count, length, depth], data }
    : { dtype: 'int32', shape: [count, length], data };
  const perSample = target === 'next' ? 1 : length;
  const following = new Int32Array(count * perSample);
  for (let i = 0; i < count; i++) {
    for (let k = 0; k < perSample; k++)
      following[i * perSample + k] = indices[i * step + (target === 'next' ? length : k + 1)]!;
  }
  return { x, y: { dtype: 'int32', shape: target === 'next' ? [count] : [count, length], data: following } };
}

export const text: Reader = {
  id: 'text',
  title: 'Plain text (language model)',
  doc:
    'Cuts a text into windows of characters or words; the label is the token that follows, or with "target": ' +
    '"sequence" the window ' +
    'moved by one. Tokens are indices for an Embedding layer, or rows of 0 and 1 with "oneHot".',
  keys: [
    { name: 'file', required: true, schema: { type: 'string' }, doc: 'The text file, UTF-8.' },
    { name: 'level', default: 'character', schema: { enum: ['character', 'word'] }, doc: 'What a token is.' },
    { name: 'sequenceLength', default: 40, schema: { type: 'integer', minimum: 1 }, doc: 'Tokens in a window.' },
    {
      name: 'step',
      default: 1,
      schema: { type: 'integer', minimum: 1 },
      doc: 'Tokens from the start of one window to the next.',
    },
    {
      name: 'vocabularySize',
      schema: { type: 'integer', minimum: 2 },
      doc:
        'Size of the vocabulary; rarer tokens share index 0. Default: every token that occurs. A larger size ' +
        'widens ' +
        'one-hot rows only.',
    },
    {
      name: 'target',
      default: 'next',
      schema: { enum: ['next', 'sequence'] },
      doc: 'Predict the next token, or the next token at every position.',
    },
    {
      name: 'oneHot',
      default: false,
      schema: { type: 'boolean' },
      doc: 'Rows of 0 and 1 instead of indices in x; the labels stay indices.',
    },
    { name: 'lowercase', default: false, schema: { type: 'boolean' }, doc: 'Treat capital and small letters alike.' },
  ],
  example: {
    reader: 'text',
    file: 'book.txt',
    level: 'character',
    sequenceLength: 40,
    step: 3,
    oneHot: true,
    validation: 0.1,
  },
  handlesOneHot: true,
  // Neighbouring windows overlap: drawn at random, nearly all of the validation text would have been seen in training.
  defaultSplit: 'end',

  async suggest(path, head): Promise<DataConfig | null> {
    if (head.includes(0) || !(/\.(txt|md|text)$/i.test(path) || /(^|[\\/])[A-Z]+$/.test(path))) return null;
    return { reader: 'text', file: path };
  },

  async describe(config, context): Promise<DataDescription> {
    const path = resolvePath(String(config['file']), context);
    const options = textOptions(config);
    const limit = (config['limit'] as number | undefined) ?? Infinity;
    const file = await fileSize(path).catch(async () => ({ path, bytes: await checkFile(path) }));
    const most = 1 << 22;
    const cut = file.bytes > most;
    const content = cut
      ? new TextDecoder('utf-8').decode(await headOf(path, most))
      : await readText(path, context, options.lowercase);
    const tokens = encode(path, content, options);
    checkLength(path, tokens.indices.length, options);
    const share = cut ? file.bytes / most : 1;
    const samples = Math.min(limit, Math.round(windowCount(tokens.indices.length, options) * share));
    const depth = Math.max(tokens.vocabulary.length, options.size ?? 0);
    const sample = options.oneHot ? [options.length, depth] : [options.length];
    return {
      reader: 'text',
      files: [file],
      samples,
      ...(cut && { samplesEstimated: true }),
      x: { shape: [samples, ...sample], dtype: options.oneHot ? 'uint8' : 'int32' },
      y: {
        shape: options.target === 'next' ? [samples] : [samples, options.length],
        dtype: 'int32',
        minimum: 0,
        maximum: tokens.vocabulary.length - 1,
      },
      notes: [
        `${tokens.vocabulary.length} different ${options.level}s${cut ? ' in the first 4 MB' : ''}`,
        ...(tokens.unknown > 0
          ? [`${((100 * tokens.unknown) / tokens.indices.length).toFixed(1)} % of the text is outside the vocabulary`]
          : []),
      ],
    };
  },

  async read(config, context, like): Promise<DataSet> {
    const path = resolvePath(String(config['file']), context);
    const options = textOptions(config);
    const limit = (config['limit'] as number | undefined) ?? Infinity;
    const tokens = encode(path, await readText(path, context, options.lowercase), options, like);
    return { ...windows(path, tokens, options, limit, context), vocabulary: tokens.vocabulary, source: path };
  },
};
