/** Writes a WordPiece tokenizer as the files that Python transformers loads. */
import fs from 'node:fs/promises';
import path from 'node:path';
import { bertPipeline } from './standard-pipelines';

export interface SaveOptions {
  readonly lowercase: boolean;
  /** Positions of the model. */
  readonly maxLength: number;
}

/** The contents by file name: vocab.txt, tokenizer.json and tokenizer_config.json. */
export function tokenizerFilesOf(
  vocabulary: ReadonlyMap<string, number>,
  { lowercase, maxLength }: SaveOptions,
): Record<'vocab.txt' | 'tokenizer.json' | 'tokenizer_config.json', string> {
  const tokens = [...vocabulary].sort((a, b) => a[1] - b[1]).map(([token]) => token);
  const config = {
    tokenizer_class: 'BertTokenizer',
    do_lower_case: lowercase,
    strip_accents: null,
    tokenize_chinese_chars: true,
    model_max_length: maxLength,
    pad_token: '[PAD]',
    unk_token: '[UNK]',
    cls_token: '[CLS]',
    sep_token: '[SEP]',
    mask_token: '[MASK]',
  };
  return {
    'vocab.txt': `${tokens.join('\n')}\n`,
    'tokenizer.json': `${JSON.stringify(bertPipeline(vocabulary, lowercase), null, 2)}\n`,
    'tokenizer_config.json': `${JSON.stringify(config, null, 2)}\n`,
  };
}

export async function saveTokenizer(
  folder: string,
  vocabulary: ReadonlyMap<string, number>,
  options: SaveOptions,
): Promise<void> {
  await fs.mkdir(folder, { recursive: true });
  for (const [name, text] of Object.entries(tokenizerFilesOf(vocabulary, options))) {
    await fs.writeFile(path.join(folder, name), text);
  }
}
