// keras.applications from their own source: each layer's shape and weights as the evaluator finds them, against Keras.
//
//   MODELWRIGHT_PYTHON=…/bin/python npm run bench -- applications
//
// Needs an installed Keras 3 (of `python3`, or of the interpreter named above) for its source files; the answers of the
// real models were recorded by test/oracle/applications/record.py. The counts go to test/oracle/applications/source.json.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { Analyzer } from '../src/ide/analysis';
import type { LayerFacts, ModelFacts } from '../src/ir/model';
import { ENGINE_FILE } from '../src/parse/grammar';

type Recorded = readonly [name: string, className: string, output: unknown, params: number];
interface Answer {
  readonly out: readonly (number | null)[];
  readonly trainable: number;
  readonly nonTrainable: number;
  readonly layers: readonly Recorded[];
}
interface Row {
  readonly layers: number;
  readonly equal: number;
  readonly totals: boolean;
  readonly ms: number;
  readonly first?: string;
}

const root = path.resolve(import.meta.dirname, '..');
const oracle = path.join(root, 'test/oracle/applications');

function kerasFolder(): { readonly folder: string; readonly version: string } | undefined {
  const python = process.env['MODELWRIGHT_PYTHON'] ?? 'python3';
  const ask =
    'import importlib.util as u, importlib.metadata as m; print(u.find_spec("keras").origin, m.version("keras"))';
  const { status, stdout } = spawnSync(python, ['-c', ask], { encoding: 'utf8' });
  const [origin, version] = status === 0 ? stdout.trim().split(' ') : [];
  return origin && version ? { folder: path.dirname(origin), version } : undefined;
}

/** Which file of `keras/src/applications` has this builder. */
function fileOf(folder: string, builder: string): string {
  const place = path.join(folder, 'src/applications');
  const found = fs
    .readdirSync(place)
    .find(
      file => file.endsWith('.py') && fs.readFileSync(path.join(place, file), 'utf8').includes(`\ndef ${builder}(`),
    );
  if (found === undefined) throw new Error(`no file of ${place} defines ${builder}`);
  return found.slice(0, -3);
}

/** Only the files of the applications themselves are read; all else of Keras is the catalogue's. */
function resolver(folder: string) {
  return (module: string): { file: string; text: string } | undefined => {
    const name = /^keras\.src\.applications\.(\w+)$/.exec(module)?.[1];
    const file = name && path.join(folder, 'src/applications', `${name}.py`);
    return file && fs.existsSync(file) ? { file, text: fs.readFileSync(file, 'utf8') } : undefined;
  };
}

const shapeOf = (layer: LayerFacts): unknown => {
  const shapes = layer.calls[0]?.outputShapes ?? [];
  return shapes.length === 1 ? shapes[0] : shapes;
};

function compare(model: ModelFacts | undefined, answer: Answer, ms: number): Row {
  if (!model) return { layers: answer.layers.length, equal: 0, totals: false, ms, first: 'no model was found' };
  const layers = model.layers.filter(layer => layer.operation === undefined);
  const ours = layers.map((l): Recorded => [l.name, l.className, shapeOf(l), l.params ?? -1]);
  const differs = answer.layers.map((wanted, i) => JSON.stringify(ours[i]) !== JSON.stringify(wanted));
  const at = differs.indexOf(true);
  const { trainable, nonTrainable } = model.params;
  return {
    layers: answer.layers.length,
    equal: differs.filter(d => !d).length,
    totals:
      ours.length === answer.layers.length && trainable === answer.trainable && nonTrainable === answer.nonTrainable,
    ms,
    ...(at >= 0 ? { first: `${JSON.stringify(ours[at])} for ${JSON.stringify(answer.layers[at])}` } : {}),
  };
}

async function main(): Promise<void> {
  const keras = kerasFolder();
  if (!keras) {
    console.log('No Keras is installed here; MODELWRIGHT_PYTHON may name an interpreter that has it.');
    return;
  }
  const packed = fs.readFileSync(path.join(oracle, 'layers.json.gz'));
  const answers = JSON.parse(gunzipSync(packed).toString()) as Record<string, Answer>;
  const analyzer = new Analyzer(
    file =>
      fs.promises.readFile(
        path.join(
          root,
          'node_modules',
          file === ENGINE_FILE ? 'web-tree-sitter' : '@vscode/tree-sitter-wasm/wasm',
          file,
        ),
      ),
    { resolveModule: resolver(keras.folder) },
  );
  const rows: Record<string, Row> = {};
  for (const [builder, answer] of Object.entries(answers)) {
    const module = `keras.src.applications.${fileOf(keras.folder, builder)}`;
    const text = `from ${module} import ${builder}\nmodel = ${builder}(weights=None)\n`;
    const start = process.cpuUsage();
    const analysis = await analyzer.analyze('program.py', text);
    const model = analysis?.facts.models.find(m => m.binding === 'model')?.facts;
    const { user, system } = process.cpuUsage(start);
    rows[builder] = compare(model, answer, Math.round((user + system) / 1000));
    const [diagnostic] = analysis?.diagnostics ?? [];
    if (process.argv.includes('--why')) console.log(builder, diagnostic?.message ?? '', model?.gaps ?? '');
  }
  console.table(rows);
  const all = Object.values(rows);
  const counts = {
    keras: keras.version,
    models: all.length,
    modelsEqual: all.filter(r => r.totals && r.equal === r.layers).length,
    layers: all.reduce((n, r) => n + r.layers, 0),
    layersEqual: all.reduce((n, r) => n + r.equal, 0),
  };
  console.log(counts);
  fs.writeFileSync(path.join(oracle, 'source.json'), `${JSON.stringify(counts, null, 2)}\n`);
}

void main();
