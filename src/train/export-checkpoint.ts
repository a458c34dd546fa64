/**
 * The exporting child: `node export-checkpoint.js`. It writes fine-tuned checkpoints as packages for JavaScript, or in
 * one file of safetensors; it loads no TensorFlow.
 */
import path from 'node:path';
import { locateCheckpoint } from '../bert/hub';
import { packageFiles, safetensorsFiles } from '../bert/package/files';
import type { ExportAnswer, ExportRequest } from '../protocol/checkpoint-export';
import { replaceFolder } from './files';
import { endWithStack, sayLine, serveLines } from './line-server';

const say: (line: ExportAnswer) => void = sayLine;

/** The bundle of src/bert/package, built beside this one. */
const PROGRAM = 'bert-package.js';

async function answer({ id, checkpoint, to, output, name }: ExportRequest): Promise<void> {
  const { folder } = await locateCheckpoint(checkpoint);
  const program = path.join(__dirname, PROGRAM);
  const files = to === 'tfjs' ? await packageFiles(folder, { name, program }) : await safetensorsFiles(folder);
  replaceFolder(output, files);
  say({ id, files: Object.keys(files).map(file => path.join(output, file)) });
}

void serveLines<ExportRequest>(answer).catch(endWithStack);
