// A fine-tuned checkpoint in another format: asks the exporting child, which needs no TensorFlow.
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import type { ExportAnswer, ExportRequest } from '../protocol/checkpoint-export';
import type { Context } from './command';
import { UsageError } from './usage-error';

export interface Written {
  readonly files: readonly string[];
  /** How to load it, as one line of a program. */
  readonly usage: string;
}

/** @throws UsageError for whatever keeps it from being written; the folder is as it was then */
export async function exportCheckpoint(
  checkpoint: string,
  to: string,
  output: string,
  name: string | undefined,
  context: Context,
): Promise<Written> {
  if (to !== 'tfjs' && to !== 'safetensors') {
    throw new UsageError(`A checkpoint is exported to tfjs or safetensors, not to ${to}.`);
  }
  checkOutput(checkpoint, output);
  const packageName = name ?? nameOf(output);
  if (!/^(@[a-z0-9~-][a-z0-9._~-]*\/)?[a-z0-9~-][a-z0-9._~-]*$/.test(packageName)) {
    throw new UsageError(
      `"${packageName}" cannot be the name of a package. Use lower-case letters, digits and dashes.`,
    );
  }
  const answer = await ask({ id: 1, checkpoint, to, output, name: packageName }, context);
  if ('failed' in answer) throw new UsageError(`${answer.failed.message} ${answer.failed.hint}`);
  const from = JSON.stringify(`${output}/index.js`);
  const usage =
    to === 'tfjs'
      ? `const { load } = await import(${from}); const { predict } = await load(tf);`
      : `AutoModel.from_pretrained(${JSON.stringify(output)})`;
  return { files: answer.files, usage };
}

/** Only an earlier export is replaced. */
function checkOutput(checkpoint: string, output: string): void {
  if (!fs.existsSync(output)) return;
  if (!fs.statSync(output).isDirectory()) throw new UsageError(`${output} is a file; name a folder for --output.`);
  if (path.relative(output, checkpoint) === '') throw new UsageError('--output is the checkpoint itself.');
  if (fs.readdirSync(output).length === 0) return;
  const earlier = ['config.json', 'model.safetensors'].every(file => fs.existsSync(path.join(output, file)));
  if (!earlier) throw new UsageError(`${output} has other files in it; name a new folder for --output.`);
}

function nameOf(output: string): string {
  const words = path
    .basename(output)
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-');
  return words.replace(/^-+|-+$/g, '') || 'bert-model';
}

async function ask(request: ExportRequest, { distFolder, folder, signal }: Context): Promise<ExportAnswer> {
  const child = spawn(process.execPath, [path.join(distFolder, 'export-checkpoint.js')], {
    cwd: folder,
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, ELECTRON_RUN_AS_NODE: '1' },
    signal,
  });
  let [out, err] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
  child.stdin.on('error', () => {}); // A child that has died is told about below.
  child.stdin.end(`${JSON.stringify(request)}\n`);
  await new Promise<void>(resolve => {
    child.once('close', () => resolve());
    child.once('error', error => {
      err += error.message;
      resolve();
    });
  });
  const line = out.trim().split('\n').at(-1) ?? '';
  if (line === '') throw new UsageError(`The export ended without an answer. ${err.trim().split('\n').at(-1) ?? ''}`);
  return JSON.parse(line) as ExportAnswer;
}
