/**
 * Snippets as programs: the body with its defaults, in the smallest program in which it makes sense
 * (test/oracle/snippets/contexts.json).
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export type SnippetLanguage = 'python' | 'javascript' | 'typescript';

export interface Snippet {
  title: string;
  prefix: string;
  body: string[];
  description: string;
}

/** A layer is called on `inputs`; statements stand between other lines; a whole program stands alone. */
interface Context {
  /** Shapes of the inputs without the batch size. */
  inputs?: number[][];
  /** How a layer is called, if not with all inputs at once. */
  call?: string;
  before?: string[];
  after?: string[];
}

const root = new URL('../../../', import.meta.url);

function readJson(path: string): unknown {
  return JSON.parse(readFileSync(fileURLToPath(new URL(path, root)), 'utf8'));
}

export function snippetsOf(language: SnippetLanguage): Snippet[] {
  const entries = readJson(`snippets/${language}.json`) as Record<string, Omit<Snippet, 'title'>>;
  return Object.entries(entries).map(([title, snippet]) => ({ title, ...snippet }));
}

export const contexts = readJson('test/oracle/snippets/contexts.json') as Record<string, Context>;

/**
 * The text an editor inserts when every placeholder keeps its default: `${1:text}`, `${1|first,second|}`, `$1`, `\$`.
 * A tab stop that was given a text keeps it wherever else its number stands.
 */
export function expand(body: readonly string[]): string {
  const defaults = new Map<string, string>();
  const source = body.join('\n');
  const read = (at: number, end: string | null): [text: string, next: number] => {
    let text = '';
    while (at < source.length && !(end !== null && source.startsWith(end, at))) {
      const stop = /^\$(?:(\d+)|\{(\d+)(?:(:)|\|([^|]*)\|\}|\}))/.exec(source.slice(at));
      if (source[at] === '\\' && /[$}\\]/.test(source[at + 1] ?? '')) {
        text += source[at + 1];
        at += 2;
      } else if (stop) {
        const number = (stop[1] ?? stop[2])!;
        at += stop[0].length;
        if (stop[3]) {
          const [inside, next] = read(at, '}');
          at = next + 1;
          if (!defaults.has(number)) defaults.set(number, inside);
        } else if (stop[4] !== undefined && !defaults.has(number)) {
          defaults.set(number, stop[4].split(',')[0]!);
        }
        text += defaults.get(number) ?? '';
      } else {
        text += source[at++];
      }
    }
    return [text, at];
  };
  return read(0, null)[0];
}

/**
 * A program that runs in the real library and, apart from callbacks and data, is what the checker should have nothing
 * to say about.
 */
export function programOf(snippet: Snippet, language: SnippetLanguage): string {
  const context = contexts[snippet.prefix];
  if (!context) throw new Error(`${snippet.prefix} has no entry in test/oracle/snippets/contexts.json`);
  const text = expand(snippet.body);
  const lines = context.inputs ? callOf(text, context, language) : [
    ...(context.before ?? []), text, ...(context.after ?? [])
  ];
  const program = `${lines.join('\n')}\n`;
  return language === 'javascript' ? program.replaceAll(' as tf.SymbolicTensor', '') : program;
}

function callOf(layer: string, { inputs, call }: Context, language: SnippetLanguage): string[] {
  const many = inputs!.length > 1;
  if (language === 'python') {
    const input = (
      shape: number[],
    ): string => `keras.Input(shape=(${shape.join(', ')}${shape.length === 1 ? ',' : ''}))`;
    return [
      'import keras', 'from keras import layers', '',
      `inputs = ${many ? `[${inputs!.map(input).join(', ')}]` : input(inputs![0]!)}`,
      `outputs = ${layer}${call ?? '(inputs)'}`, 'model = keras.Model(inputs, outputs)',
    ];
  }
  const input = (shape: number[]): string => `tf.input({ shape: [${shape.join(', ')}] })`;
  return [
    'import * as tf from \'@tensorflow/tfjs\';', '',
    `const inputs = ${many ? `[${inputs!.map(input).join(', ')}]` : input(inputs![0]!)};`,
    `const outputs = ${layer}.apply(inputs) as tf.SymbolicTensor;`, 'const model = tf.model({ inputs, outputs });',
  ];
}
