/** What a tokenizer's files or a call of it may get wrong: one sentence that names the thing, one with the way out. */

export class TokenizerError extends Error {
  override readonly name = 'TokenizerError';

  constructor(
    readonly problem: string,
    readonly hint: string,
  ) {
    super(`${problem} ${hint}`);
  }
}

/** A part of tokenizer.json that this implementation does not have; guessing would give wrong ids silently. */
export function unsupported(part: string, type: unknown): TokenizerError {
  return new TokenizerError(
    `The tokenizer uses the ${part} ${JSON.stringify(type)}, which is not supported.`,
    'Supported are the tokenizers of BERT, DistilBERT, ELECTRA, RoBERTa and ALBERT; choose such a checkpoint.',
  );
}
