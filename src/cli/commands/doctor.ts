// `modelwright doctor`: which TensorFlow runtime training will use and why; `--fix` sets up a native one.
import { cacheFolder, diagnose, diagnosisText, installRuntime, RuntimeProblem, type Diagnosis } from '../../runtime';
import { defineCommand, type Context } from '../command';
import { ProgressLine } from '../progress-line';
import { EXIT, type ExitCode } from '../usage-error';

export const doctor = defineCommand({
  name: 'doctor',
  summary: 'which TensorFlow runtime training will use, and why; repairs it',
  operands: '',
  count: { least: 0, most: 0 },
  options: {
    fix: { kind: 'flag', help: 'set up a native runtime where there is none' },
    from: {
      kind: 'text',
      choices: ['auto', 'python', 'download'],
      help: 'with --fix: build on a Python TensorFlow, or download the official one; auto tries both in this order',
    },
    force: { kind: 'flag', help: 'with --fix: set up anew even where a native runtime works' },
    json: { kind: 'flag', help: 'the diagnosis as JSON' },
  },
  notes: [
    'Exit: 0 a native runtime works, 5 only the embedded JavaScript one, 2 wrong usage.',
    '',
    'MODELWRIGHT_RUNTIME   a folder whose node_modules has @tensorflow/tfjs-node, or "embedded"',
    'MODELWRIGHT_NODE      the Node.js that runs the training',
    'MODELWRIGHT_PYTHON    a Python that has TensorFlow, to build on',
    'MODELWRIGHT_HOME      where the runtime is installed; by default the cache folder of the system',
    'TFJS_NODE_CDN_STORAGE a mirror of storage.googleapis.com, for the official download',
  ],
  async run(_operands, { fix, from, force, json }, context) {
    const { terminal } = context;
    const find = { env: context.environment, workspaceFolder: context.folder, trusted: true, signal: context.signal };
    let diagnosis = await diagnose(find);
    let problem: RuntimeProblem | null = null;
    if ((fix || force || from !== undefined) && (!diagnosis.native || force)) {
      problem = await repair((from ?? 'auto') as 'auto', force, context);
      if (problem === null) diagnosis = await diagnose(find);
    }
    if (json) {
      const failure = problem && { code: problem.code, message: problem.message, wayOut: problem.wayOut };
      terminal.out(`${JSON.stringify({ ...diagnosis, ...(failure && { problem: failure }) }, null, 2)}\n`);
    } else {
      const { bold, dim, green, red } = terminal.colours.out;
      terminal.out(`${diagnosisText(diagnosis, { bold, dim, good: green, bad: red })}\n`);
      if (problem) terminal.err(`\n${terminal.colours.err.red('error')}: ${problem.message} ${problem.wayOut}\n`);
    }
    return exitCode(diagnosis);
  },
});

/** Null where it succeeded. */
async function repair(
  from: 'auto' | 'python' | 'download',
  force: boolean,
  context: Context,
): Promise<RuntimeProblem | null> {
  const { environment: env, folder: workspaceFolder, signal } = context;
  const line = new ProgressLine(context.terminal);
  try {
    await installRuntime({
      from,
      force,
      env,
      workspaceFolder,
      trusted: true,
      storageFolder: cacheFolder(env),
      signal,
      onProgress: ({ message, fraction }) => line.show(message, fraction),
    });
    return null;
  } catch (error) {
    if (error instanceof RuntimeProblem) return error;
    throw error;
  } finally {
    line.end();
  }
}

function exitCode({ native }: Diagnosis): ExitCode {
  return native ? EXIT.ok : EXIT.fallbackOnly;
}
