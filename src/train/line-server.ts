/** A child that is asked over its input and answers on its output, one JSON object a line each way; it ends with its input. */
import readline from 'node:readline';

/** What a person is told of an error: its sentence and the way out. */
export interface ErrorWords {
  readonly message: string;
  readonly hint: string;
  /** The checkpoint or the data cannot be used as they are; absent where the fault is our own. */
  readonly because?: 'input';
}

/** Answers one request after the other; `answer` says what it has to say itself, an error is said here. */
export async function serveLines<Request extends { readonly id: number }>(
  answer: (request: Request) => Promise<void>,
): Promise<void> {
  for await (const line of readline.createInterface({ input: process.stdin })) {
    if (line.trim() === '') continue;
    const request = JSON.parse(line) as Request;
    try {
      await answer(request);
    } catch (error) {
      sayLine({ id: request.id, failed: errorWords(error) });
    }
  }
}

export function sayLine(line: object): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

/** The end of a child whose own code failed. */
export function endWithStack(error: unknown): never {
  process.stderr.write(`${(error as Error).stack ?? String(error)}\n`);
  process.exit(1);
}

function errorWords(error: unknown): ErrorWords {
  const { message, hint, stack } = error as { message?: string; hint?: string; stack?: string };
  if (typeof hint !== 'string') process.stderr.write(`${stack ?? String(error)}\n`);
  // The message of a DataError ends with its hint, which is shown apart.
  const text = (message ?? String(error)).replace(hint ?? '\0', '').trim();
  if (typeof hint !== 'string') return { message: text, hint: 'This should not happen; please report it.' };
  return { message: text, hint, because: 'input' };
}
