/** A child that answers questions, one JSON object a line each way: started with the first question, ended by `dispose`. */
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import readline from 'node:readline';

export interface LineProgram {
  readonly node: string;
  readonly script: string;
  readonly execArgv?: readonly string[];
  /** Besides this process's own. */
  readonly env: Readonly<Record<string, string>>;
}

/** What every answer has; `failed` is the last one to its question. */
interface Answer {
  readonly id: number;
  readonly failed?: { readonly message: string; readonly hint: string };
}

/** The child could not do what it was asked; `message` and `hint` are sentences for a person. */
export class ChildRefusal extends Error {
  override readonly name = 'ChildRefusal';

  constructor(
    message: string,
    readonly hint: string,
  ) {
    super(message);
  }
}

interface Waiting<A> {
  readonly hear: (answer: A) => boolean;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/** Questions are answered in their order. A child that has died is started anew by the next question. */
export class LineChild<Question extends object, A extends Answer> {
  private started: Promise<ChildProcessWithoutNullStreams> | undefined;
  private readonly waiting = new Map<number, Waiting<A>>();
  private count = 0;

  constructor(private readonly program: () => Promise<LineProgram>) {}

  /**
   * Asks, and hears answers until `hear` says that it was the last one.
   * @throws ChildRefusal for what the child refuses; Error with its last words where it died
   */
  async ask(question: Question, hear: (answer: A) => boolean): Promise<void> {
    const started = (this.started ??= this.program().then(program => this.start(program)));
    const child = await started.catch((error: unknown) => {
      if (this.started === started) this.started = undefined;
      throw error;
    });
    if (this.started !== started) throw new Error('It was cancelled.');
    const id = ++this.count;
    await new Promise<void>((resolve, reject) => {
      this.waiting.set(id, { hear, resolve, reject });
      child.stdin.write(`${JSON.stringify({ ...question, id })}\n`);
    }).finally(() => this.waiting.delete(id));
  }

  /** Ends the child, whatever it does; questions that wait are rejected. */
  dispose(): void {
    void this.started?.then(
      child => child.kill(),
      () => {},
    );
    this.started = undefined;
    this.endAll(new Error('It was cancelled.'));
  }

  private start({ node, script, execArgv = [], env }: LineProgram): ChildProcessWithoutNullStreams {
    const child = spawn(node, [...execArgv, script], { windowsHide: true, env: { ...process.env, ...env } });
    let words = '';
    child.stderr.on('data', (chunk: Buffer) => (words = (words + chunk.toString()).slice(-10_000)));
    child.stdin.on('error', () => {}); // `close` follows and says all there is to say.
    readline.createInterface({ input: child.stdout }).on('line', line => this.hear(line));
    const own = this.started;
    const gone = (reason: string): void => {
      if (this.started !== own) return;
      this.started = undefined;
      this.endAll(new Error(`The process that was asked has ended: ${reason}.`));
    };
    child.once('error', error => gone(error.message));
    child.once('close', (code, signal) => {
      gone(words.trim().split('\n').at(-1) || (signal ? `by ${signal}` : `with code ${code}`));
    });
    return child;
  }

  private hear(line: string): void {
    let answer: A;
    try {
      answer = JSON.parse(line) as A;
    } catch {
      return; // A library's own print on the output.
    }
    const waiting = this.waiting.get(answer.id);
    if (!waiting) return;
    if (answer.failed) waiting.reject(new ChildRefusal(answer.failed.message, answer.failed.hint));
    else if (waiting.hear(answer)) waiting.resolve();
  }

  private endAll(error: Error): void {
    for (const { reject } of this.waiting.values()) reject(error);
    this.waiting.clear();
  }
}
