// What can go wrong while a TensorFlow runtime is found or installed: one clear sentence and the way out of it.

export type ProblemCode =
  | 'cancelled'
  | 'disk-full'
  | 'hash-mismatch'
  | 'incomplete-package'
  | 'no-compiler'
  | 'compile-failed'
  | 'no-network'
  | 'no-pip'
  | 'pip-failed'
  | 'no-python-tensorflow'
  | 'not-writable'
  | 'self-test-failed'
  | 'unpack-failed'
  | 'unsupported-platform';

/** An expected failure. `message` names the thing in one sentence,
  `wayOut` says in one sentence what to do about it. */
export class RuntimeProblem extends Error {
  constructor(
    readonly code: ProblemCode,
    message: string,
    readonly wayOut: string,
  ) {
    super(message.replace(/[.\s]*$/, '.')); // Many end with what another program said.
    this.name = 'RuntimeProblem';
  }
}

export function cancelled(): RuntimeProblem {
  return new RuntimeProblem(
    'cancelled',
    'The set-up was cancelled; nothing was changed.',
    'Start it again at any time.',
  );
}

export function throwIfCancelled(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw cancelled();
}

/** Turns a file system error into a RuntimeProblem that names the folder; anything unexpected is returned unchanged. */
export function explainFileError(error: unknown, folder: string): unknown {
  if (error instanceof RuntimeProblem) return error;
  const otherFolder = 'Set MODELWRIGHT_HOME to a folder on another disk, or free some space, and try again.';
  switch ((error as NodeJS.ErrnoException | null)?.code) {
    case 'ENOSPC':
    case 'EDQUOT':
      return new RuntimeProblem('disk-full', `The disk that holds ${folder} is full.`, otherFolder);
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return new RuntimeProblem(
        'not-writable',
        `The folder ${folder} cannot be written to.`,
        'Set MODELWRIGHT_HOME to a folder you can write to, and try again.',
      );
    case 'ENOTDIR':
    case 'EEXIST':
      return new RuntimeProblem(
        'not-writable',
        `A part of the path ${folder} is a file, not a folder.`,
        'Set MODELWRIGHT_HOME to another folder, or remove that file.',
      );
    default:
      return error;
  }
}
