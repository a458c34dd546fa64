/** The tokenizer of a checkpoint's folder. */
import fs from 'node:fs/promises';
import path from 'node:path';
import { tokenizerFileNames, tokenizerFrom, type TokenizerFiles } from './from-files';
import type { Tokenizer } from './tokenizer';
import { TokenizerError } from './tokenizer-error';

export { tokenizerFileNames, tokenizerFrom, type TokenizerFiles };

/** @throws TokenizerError when the folder has no tokenizer, or one that is damaged or not supported */
export async function loadTokenizer(folder: string): Promise<Tokenizer> {
  const files: TokenizerFiles = {};
  for (const name of [...tokenizerFileNames, 'config.json'] as const) {
    // A SentencePiece model is binary; only that it is there matters.
    const file = path.join(folder, name);
    const text = await (name === 'spiece.model' ? fs.access(file).then(() => '') : fs.readFile(file, 'utf8')).catch(
      (error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined;
        throw error;
      },
    );
    if (text !== undefined) files[name] = text;
  }
  try {
    return tokenizerFrom(files);
  } catch (error) {
    if (error instanceof TokenizerError) throw new TokenizerError(`${folder}: ${error.problem}`, error.hint);
    throw error;
  }
}
