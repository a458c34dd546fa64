/** Which JavaScript and TypeScript files train by themselves when they are run. */

/** What stands before a comment, a string or a call, in this order, so that calls are found in code alone. */
const TOKENS =
  /\/\/[^\n]*|\/\*[\s\S]*?\*\/|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|\.\s*(fit|fitDataset|trainOnBatch)\s*\(/g;

/** Whoever calls TensorFlow.js has it, or a module of their own that has, and awaits what trains. */
const MENTIONS = /tensorflow|tfjs|\btf\b/i;

/** The offset of the first call of `fit`, `fitDataset` or `trainOnBatch`; undefined where there is none. */
export function firstTrainingCall(text: string): number | undefined {
  if (!MENTIONS.test(text)) return undefined;
  for (const token of text.matchAll(TOKENS)) if (token[1] !== undefined) return token.index;
  return undefined;
}

export const trainsByItself = (text: string): boolean => firstTrainingCall(text) !== undefined;
