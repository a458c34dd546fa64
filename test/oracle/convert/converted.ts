/** Converts the models of a source text, as the tests and the script that records need it. */
import fs from 'node:fs';
import path from 'node:path';
import { convertModel, type Converted } from '../../../src/convert';
import { Analyzer } from '../../../src/ide/analysis';
import type { ModelFacts } from '../../../src/ir/model';
import { ENGINE_FILE } from '../../../src/parse/grammar';

const analyzer = new Analyzer(file =>
  Promise.resolve(
    fs.readFileSync(
      path.resolve('node_modules', file === ENGINE_FILE ? 'web-tree-sitter' : '@vscode/tree-sitter-wasm/wasm', file),
    ),
  ),
);

/** The last model of the text, which is the outermost of those that these texts build. @throws Error where there is none */
export async function modelOf(source: string, file: 'model.py' | 'model.js' | 'model.ts'): Promise<ModelFacts> {
  const analysis = await analyzer.analyze(file, source);
  const facts = analysis?.facts.models.at(-1)?.facts;
  if (!facts) throw new Error(`no model was found in:\n${source}`);
  const errors = analysis.diagnostics.filter(({ severity }) => severity === 'error');
  if (errors.length > 0) throw new Error(`${errors.map(({ message }) => message).join('\n')}\nin:\n${source}`);
  return facts;
}

export interface RoundTrip {
  readonly keras: ModelFacts;
  readonly tfjs: Converted;
  readonly between: ModelFacts;
  readonly back: Converted;
  readonly again: ModelFacts;
}

/** Keras → TensorFlow.js → Keras. */
export async function roundTrip(source: string): Promise<RoundTrip> {
  const keras = await modelOf(source, 'model.py');
  const tfjs = convertModel(keras, 'tfjs');
  const between = await modelOf(tfjs.code, 'model.js');
  const back = convertModel(between, 'keras');
  return { keras, tfjs, between, back, again: await modelOf(back.code, 'model.py') };
}
