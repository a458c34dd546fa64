/** The decoders of tokenizer.json: tokens back into text. */
import { textOfBytes } from './byte-level';
import { textOption, type PartConfig } from './normalizers';
import { unsupported } from './tokenizer-error';

export type Decoder = (tokens: readonly string[]) => string;

/** @throws TokenizerError for a type that is not supported */
export function decoderOf(config: PartConfig | null | undefined): Decoder {
  if (!config) return tokens => tokens.join(' ');
  switch (config.type) {
    case 'WordPiece': {
      const prefix = textOption(config, 'prefix', '##');
      const cleanup = config['cleanup'] !== false;
      return tokens => tokens.map((token, i) => wordPiece(token, i, prefix, cleanup)).join('');
    }
    case 'ByteLevel':
      return tokens => textOfBytes(tokens.join(''));
    case 'Metaspace': {
      const replacement = textOption(config, 'replacement', '▁');
      const prefixed = config['prepend_scheme'] !== 'never' && config['add_prefix_space'] !== false;
      return tokens =>
        tokens
          .map((token, i) => (i === 0 && prefixed ? token.replace(replacement, '') : token))
          .join('')
          .replaceAll(replacement, ' ');
    }
    default:
      throw unsupported('decoder', config.type);
  }
}

function wordPiece(token: string, index: number, prefix: string, cleanup: boolean): string {
  let text = token;
  if (index > 0) text = token.startsWith(prefix) ? token.slice(prefix.length) : ` ${token}`;
  return cleanup ? withoutSpaces(text) : text;
}

/** The spaces that tokenization put before punctuation and English contractions. */
function withoutSpaces(text: string): string {
  return text
    .replaceAll(' .', '.')
    .replaceAll(' ?', '?')
    .replaceAll(' !', '!')
    .replaceAll(' ,', ',')
    .replaceAll(" ' ", "'")
    .replaceAll(" n't", "n't")
    .replaceAll(" 'm", "'m")
    .replaceAll(' do not', " don't")
    .replaceAll(" 's", "'s")
    .replaceAll(" 've", "'ve")
    .replaceAll(" 're", "'re");
}
