// Tokens a second of the tokenizers, on prose and on hard texts; beside Python's where MODELWRIGHT_PYTHON is set.
import { runBundled } from './bundled';

process.exitCode = runBundled('tokenizer/measure.ts');
