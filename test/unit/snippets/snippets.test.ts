/** Every snippet, expanded with its defaults: recorded from real Keras, run in TensorFlow.js, checked by TypeScript. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { runInThisContext } from 'node:vm';
import * as tf from '@tensorflow/tfjs';
import { transformSync } from 'esbuild';
import ts from 'typescript';
import type { SnippetLanguage } from './programs';
import { contexts, expand, programOf, snippetsOf } from './programs';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const recorded = (JSON.parse(readFileSync(`${root}test/oracle/snippets/recorded.json`, 'utf8')) as {
  snippets: Record<string, {
    program: string; outputs?: (number | null)[][]; params?: number; error?: string; notRun?: string,
  }>;
}).snippets;
const languages: SnippetLanguage[] = ['python', 'javascript', 'typescript'];

/**
 * Plain JavaScript takes a minute for what the native back end does in a second. Orthogonal matrices are the worst of
 * it, so recurrent
 * layers start from zeros here; the whole CNN program runs one epoch with small layers. No snippet's own layer changes
 * its size.
 */
function quick(program: string, prefix: string): string {
  const started = program.replace(/\b(lstm|gru)\(\{ /g, '$&recurrentInitializer: \'zeros\', ');
  return prefix === 'tf-cnn' ? started.replace(/filters: \d+/g, 'filters: 2').replace(/epochs: \d+/, 'epochs: 1')
    : started;
}

/** Runs a program whose only import is TensorFlow.js, and returns the model it binds. */
async function run(program: string): Promise<tf.LayersModel> {
  const body = program.replace(/^import \* as tf from '[^']+';$/m, '');
  const { code } = transformSync(
    `(async (tf, console) => {\n${body}\nreturn model;\n})`, { loader: 'ts', target: 'es2022' }
  );
  const build = runInThisContext(code) as (api: typeof tf, log: { log: () => void }) => Promise<tf.LayersModel>;
  return build(tf, { log: () => {} });
}

describe('snippets', () => {
  it('expand as VS Code does: defaults, first choices, repeated and nested stops, escapes', () => {
    assert.equal(
      expand(['a(${1:x}, ${2|b,c|}, $1, ${1:y}) \\${d} \\$1', '${3:${4:n}ested}$0']), 'a(x, b, x, x) ${d} $1\nnested'
    );
  });

  for (const language of languages) {
    it(`${language}: one line of description, a prefix of their own, and a place to run in`, () => {
      const snippets = snippetsOf(language);
      assert.equal(new Set(snippets.map(({ prefix }) => prefix)).size, snippets.length);
      for (const { title, prefix, description } of snippets) {
        assert.match(title, /^(Keras|Transformers|TensorFlow\.js): /);
        assert.match(prefix, language === 'python' ? /^keras-[a-z0-9-]+$/ : /^tf-[a-z0-9-]+$/);
        assert.ok(description.length > 10 && description.length <= 90 && !description.includes('\n'), title);
        assert.ok(contexts[prefix], prefix);
      }
    });
  }

  it('leave no context without a snippet, and JavaScript and TypeScript have the same ones', () => {
    const known = new Set(languages.flatMap((language) => snippetsOf(language).map(({ prefix }) => prefix)));
    assert.deepEqual(Object.keys(contexts).filter((prefix) => !known.has(prefix)), []);
    assert.deepEqual(
      snippetsOf('javascript').map(({ title }) => title), snippetsOf('typescript').map(({ title }) => title)
    );
    for (const [i, snippet] of snippetsOf('javascript').entries()) {
      if (contexts[snippet.prefix]!.inputs) assert.deepEqual(snippet, snippetsOf('typescript')[i]);
    }
  });

  describe('Python, run in real Keras (test/oracle/snippets/record.py)', () => {
    for (const snippet of snippetsOf('python')) {
      it(snippet.prefix, function () {
        const facts = recorded[snippet.prefix];
        assert.equal(
          facts?.program, programOf(snippet, 'python'), 'the snippet changed: run test/oracle/snippets/record.py'
        );
        if (facts?.notRun) this.skip();
        assert.equal(facts?.error, undefined);
        assert.ok(facts?.outputs);
      });
    }
  });

  describe('JavaScript and TypeScript, run in TensorFlow.js', () => {
    before(async () => {
      await tf.setBackend('cpu');
    });
    afterEach(() => tf.disposeVariables());
    for (const language of ['javascript', 'typescript'] as const) {
      for (const snippet of snippetsOf(language)) {
        // The layers are the same text in both languages (asserted above): once is enough.
        if (language === 'typescript' && contexts[snippet.prefix]!.inputs) continue;
        it(`${snippet.prefix} (${language})`, async () => {
          const model = await run(quick(programOf(snippet, language), snippet.prefix));
          // The Keras snippet of the same name makes the same model.
          const twin = recorded[snippet.prefix.replace(/^tf-/, 'keras-')];
          if (!twin?.outputs || !contexts[snippet.prefix]!.inputs) return;
          assert.deepEqual(model.outputs.map((output) => output.shape), twin.outputs);
          // TensorFlow.js's GRU has one bias vector, Keras's (reset_after) two: 3 × units fewer numbers.
          const fewer = snippet.prefix === 'tf-gru' ? 3 * 64 : 0;
          assert.equal(model.countParams(), twin.params! - fewer);
        }).timeout(60_000);
      }
    }
  });

  it('TypeScript programs have no type errors', () => {
    const programs = new Map(snippetsOf('typescript').map((snippet) => [
      `${root}test/unit/snippets/__${snippet.prefix}.ts`, `${programOf(snippet, 'typescript')}export {};\n`,
    ]));
    const options: ts.CompilerOptions = {
      strict: true, noEmit: true, skipLibCheck: true, target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext,
      moduleResolution: ts.ModuleResolutionKind.Bundler, types: [], lib: ['lib.es2022.d.ts', 'lib.dom.d.ts'],
    };
    const disk = ts.createCompilerHost(options);
    const host: ts.CompilerHost = {
      ...disk,
      getSourceFile: (name, target, ...rest) => {
        const text = programs.get(name);
        return text === undefined ? disk.getSourceFile(name, target, ...rest) : ts.createSourceFile(name, text, target);
      },
      fileExists: (name) => programs.has(name) || disk.fileExists(name),
      readFile: (name) => programs.get(name) ?? disk.readFile(name),
    };
    const program = ts.createProgram([...programs.keys()], options, host);
    const problems = [...programs.keys()].flatMap((name) => {
      const file = program.getSourceFile(name)!;
      return [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)]
        .map(({ messageText }) => `${name}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`);
    });
    assert.deepEqual(problems, []);
  }).timeout(120_000);

  it('examples/tfjs/cnn.ts is the model of examples/keras/cnn.py', async () => {
    const source = readFileSync(`${root}examples/tfjs/cnn.ts`, 'utf8');
    const building = source.slice(source.indexOf('const model'), source.indexOf('model.summary()'));
    const model = await run(building);
    assert.equal(model.countParams(), 225034);
    assert.deepEqual(model.layers.map((layer) => layer.outputShape), [
      [null, 26, 26, 32], [null, 13, 13, 32], [null, 11, 11, 64], [null, 5, 5, 64], [null, 1600], [null, 128], [
        null, 10
      ],
    ]);
  });
});
