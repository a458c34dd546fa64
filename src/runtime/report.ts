// The diagnosis in words, the same on a terminal and in the editor.
import type { Candidate, RuntimeSource } from './find';
import type { Diagnosis, Repair } from './diagnose';
import { describeNode } from './node-executable';

/** How a terminal colours the report; each function returns its text unchanged where there are no colours. */
export interface Paint {
  bold: (text: string) => string;
  dim: (text: string) => string;
  good: (text: string) => string;
  bad: (text: string) => string;
}

const same = (text: string): string => text;
const PLAIN: Paint = { bold: same, dim: same, good: same, bad: same };

const PLACES: Record<RuntimeSource, string> = {
  MODELWRIGHT_RUNTIME: 'MODELWRIGHT_RUNTIME',
  workspace: 'this workspace',
  installed: 'installed by Modelwright',
  embedded: 'embedded in Modelwright',
};

const PLACE_WIDTH = Math.max(...Object.values(PLACES).map(({ length }) => length));

/** Several lines, the last one without a line break. */
export function diagnosisText(diagnosis: Diagnosis, paint: Paint = PLAIN): string {
  const { runtime, native, why } = diagnosis;
  const title = native ? `TensorFlow ${runtime.tensorflow} (native)` : 'the embedded JavaScript TensorFlow (slow)';
  const lines = [
    `${paint.bold('Training runs on')} ${native ? paint.good(title) : paint.bad(title)}`,
    `  ${why}`,
    '',
    paint.bold('Where Modelwright looked, best first'),
    ...diagnosis.candidates.flatMap(candidate => candidateLines(candidate, diagnosis, paint)),
    '',
    paint.bold('This machine'),
    ...machineLines(diagnosis),
  ];
  if (diagnosis.repairs.length > 0) lines.push('', ...repairLines(diagnosis.repairs, paint));
  return lines.join('\n');
}

function candidateLines(candidate: Candidate, { runtime }: Diagnosis, paint: Paint): string[] {
  const place = PLACES[candidate.source].padEnd(PLACE_WIDTH);
  const indent = ' '.repeat(PLACE_WIDTH + 6);
  if (!candidate.usable) {
    return [`  ${paint.bad('✘')} ${place}  ${candidate.reason}`, ...folderLine(candidate.folder, indent, paint)];
  }
  const used = candidate.source === runtime.source && candidate.folder === runtime.folder;
  const mark = used ? paint.good('✔') : paint.dim('·');
  const found = candidate.runtime;
  const what =
    found.kind === 'embedded'
      ? 'TensorFlow.js in pure JavaScript and WebAssembly; always works'
      : `TensorFlow.js ${found.tfjs} on TensorFlow ${found.tensorflow}, under ${describeNode(found.node)}`;
  const note = used ? paint.good('  ← used') : paint.dim('  not needed');
  return [`  ${mark} ${place}  ${what}${note}`, ...folderLine(candidate.folder, indent, paint)];
}

function folderLine(folder: string | null, indent: string, paint: Paint): string[] {
  return folder === null ? [] : [indent + paint.dim(folder)];
}

function machineLines({ system, disk, native, runtime }: Diagnosis): string[] {
  const gigabytes = (bytes: number) => `${(bytes / 1e9).toFixed(bytes < 1e10 ? 1 : 0)} GB`;
  const processors = `${system.processors} processor${system.processors === 1 ? '' : 's'}`;
  const rows: [string, string][] = [
    ['system', `${system.platform}, ${processors}, ${gigabytes(system.memoryBytes)} of memory`],
  ];
  rows.push(['node', `${describeNode(runtime.node)} runs the training`]);
  if (native) {
    const { measured } = system;
    const chosen = measured?.threads ?? null;
    const threads =
      system.threads === 'default'
        ? `${
            chosen === null
              ? 'one per processor'
              : `${chosen},
          measured as fastest`
          }; TF_NUM_INTRAOP_THREADS changes it`
        : system.threads;
    const speeds = (measured?.measured ?? [])
      .filter(each => each.threads === chosen)
      .map(each => `${each.oneDnn ? 'on' : 'off'} ${each.stepsPerSecond.toFixed(1)} steps/s`);
    const oneDnn =
      system.oneDnn === 'default'
        ? `${measured === null || measured.oneDnn ? 'on' : 'off'}${
            speeds.length > 0
              ? `,
          measured as fastest (${speeds.join(', ')})`
              : ''
          }; TF_ENABLE_ONEDNN_OPTS changes it`
        : system.oneDnn;
    rows.push(['threads', threads], ['oneDNN', oneDnn]);
  }
  rows.push([
    'disk',
    `${disk.freeBytes === null ? 'unknown room' : `${gigabytes(disk.freeBytes)} free`} for ${disk.folder}`,
  ]);
  return rows.map(([name, value]) => `  ${name.padEnd(8)} ${value}`);
}

function repairLines(repairs: readonly Repair[], paint: Paint): string[] {
  const best = repairs.find(({ possible }) => possible);
  const lines = [paint.bold(best ? 'How to get a native one' : 'A native one cannot be set up here yet')];
  if (best)
    lines.push(
      `  Run ${paint.bold('modelwright doctor --fix')}, or "Modelwright: Set Up Training Runtime" in VS Code. It would:`,
    );
  for (const { possible, detail, wayOut } of repairs) {
    lines.push(`  ${possible ? paint.good('✔') : paint.bad('✘')} ${detail}`);
    if (wayOut !== undefined) lines.push(`    ${wayOut}`);
  }
  return lines;
}
