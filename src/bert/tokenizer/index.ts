/** The face of the tokenizers: everything else in this folder is how. */
export type { EncodeOptions, Input, SpecialIds, Tokenizer } from './tokenizer';
export { utf16Offsets, type Encoding, type Offsets, type TruncationStrategy } from './encoding';
export { loadTokenizer, tokenizerFileNames, tokenizerFrom, type TokenizerFiles } from './load';
export { TokenizerError } from './tokenizer-error';
export { saveTokenizer, tokenizerFilesOf, type SaveOptions } from './save';
export { trainWordPiece, type WordPieceTraining } from './wordpiece-trainer';
