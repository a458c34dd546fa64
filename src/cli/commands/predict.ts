// `modelwright predict`: labels and their probabilities from a fine-tuned checkpoint, in a process of its own.
import { spawn } from 'node:child_process';
import path from 'node:path';
import readline from 'node:readline';
import type { PredictAnswer, Prediction, PredictRequest } from '../../protocol/prediction';
import { defineCommand } from '../command';
import { checkpointOrId, existingFile } from '../finetune-request';
import { EXIT, UsageError, type ExitCode } from '../usage-error';
import { runtimeFor } from '../follow';

export const predict = defineCommand({
  name: 'predict',
  summary: 'labels texts by a fine-tuned checkpoint',
  operands: '',
  count: { least: 0, most: 0 },
  options: {
    checkpoint: { kind: 'text', value: 'DIR', help: 'a fine-tuned checkpoint: a folder, or a model of the hub' },
    text: { kind: 'text', value: 'TEXT', many: true, help: 'a text; may be given several times' },
    pair: { kind: 'text', value: 'TEXT', help: 'the second text of a pair, or the context of a question' },
    data: { kind: 'text', value: 'FILE', help: 'a file of texts instead' },
    'text-column': { kind: 'text', value: 'NAME', help: 'the column with the text' },
    'pair-column': { kind: 'text', value: 'NAME', help: 'the column with the second text; "" for none' },
    json: { kind: 'flag', help: 'one JSON object a line, in the order of the input' },
  },
  notes: ['Exit: 0 done, 2 the checkpoint or the data cannot be used, 4 failed.'],
  async run(_operands, options, context) {
    const { folder, terminal, signal } = context;
    if (options.checkpoint === undefined) throw new UsageError('`predict` needs --checkpoint DIR.');
    if ((options.data === undefined) === (options.text.length === 0)) {
      throw new UsageError('`predict` needs either --text TEXT or --data FILE.');
    }
    const { pair } = options;
    const request: PredictRequest = {
      id: 1,
      checkpoint: checkpointOrId(options.checkpoint, folder),
      ...(options.data === undefined
        ? { inputs: options.text.map(text => ({ text, ...(pair !== undefined && { pair }) })) }
        : { data: existingFile(options.data, folder, '--data') }),
      textColumn: options['text-column'] ?? null,
      pairColumn: options['pair-column'] ?? null,
    };
    const runtime = await runtimeFor(context);
    if (signal.aborted) return EXIT.stopped;
    const child = spawn(runtime.node, [path.join(context.distFolder, 'predict.js')], {
      cwd: folder,
      stdio: ['pipe', 'pipe', 'pipe'],
      env: { ...process.env, ...runtime.env, MODELWRIGHT_RUNTIME: runtime.tfjsNodeFolder ?? 'embedded' },
    });
    let words = '';
    child.stderr.on('data', (chunk: Buffer) => (words += chunk.toString()));
    const stop = (): void => void child.kill();
    signal.addEventListener('abort', stop, { once: true });
    const closed = new Promise<void>(resolve => {
      child.once('close', () => resolve());
      child.once('error', error => {
        words += error.message;
        resolve();
      });
    });
    child.stdin.on('error', () => {}); // A child that has died is told about below.
    child.stdin.end(`${JSON.stringify(request)}\n`);
    let code: ExitCode | undefined;
    for await (const line of readline.createInterface({ input: child.stdout })) {
      const answer = JSON.parse(line) as PredictAnswer;
      if ('prediction' in answer) {
        terminal.out(`${options.json ? JSON.stringify(answer.prediction) : sentence(answer.prediction)}\n`);
      } else if ('failed' in answer) {
        const { message, hint, because } = answer.failed;
        terminal.err(`${terminal.colours.err.red('error')}: ${message} ${hint}\n`);
        code = because === 'input' ? EXIT.cannotRun : EXIT.failed;
      } else code = EXIT.ok;
    }
    await closed;
    signal.removeEventListener('abort', stop);
    if (code !== undefined) return code;
    if (signal.aborted) return EXIT.stopped;
    throw new UsageError(`The predicting process ended without an answer. ${words.trim().split('\n').at(-1) ?? ''}`);
  },
});

function sentence({ text, label, score, words }: Prediction): string {
  if (words) return words.map(one => `${one.word}\t${one.label}\t${one.score.toFixed(4)}`).join('\n') + '\n';
  return `${label}\t${score.toFixed(4)}\t${text.replace(/\s+/g, ' ')}`;
}
