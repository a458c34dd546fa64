// What a command of the command line is: its words for the help, its options as data, and what it does.
import type { Environment } from '../runtime';
import type { Terminal } from './terminal';
import type { ExitCode } from './usage-error';

export type OptionKind = 'flag' | 'text' | 'integer' | 'number';

export interface OptionSpec {
  kind: OptionKind;
  /** One line for the help. */
  help: string;
  /** How the value is called in the help: `N`, `FILE`. */
  value?: string;
  /** The only values of a text option. */
  choices?: readonly string[];
  /** May be given several times; its value is then always a list. */
  many?: boolean;
  /** Smallest value of a number. */
  least?: number;
}

export type OptionSpecs = Readonly<Record<string, OptionSpec>>;

type ValueOf<S extends OptionSpec> = S['kind'] extends 'flag' ? boolean : S['kind'] extends 'text' ? string : number;

/** Values by the option's long name. A flag that is not given is false. */
export type OptionValues<S extends OptionSpecs> = {
  readonly [K in keyof S]: S[K] extends { many: true }
    ? readonly ValueOf<S[K]>[]
    : S[K]['kind'] extends 'flag'
      ? boolean
      : ValueOf<S[K]> | undefined;
};

/** Everything outside that a command may touch; tests bring their own. */
export interface Context {
  terminal: Terminal;
  /** Relative paths start here; runs are kept in its `.modelwright`. */
  folder: string;
  environment: Environment;
  /** The folder of the bundles and of the WebAssembly files (`dist`). */
  distFolder: string;
  readStdin: () => Promise<Uint8Array>;
  /** Aborted by the first Ctrl+C. */
  signal: AbortSignal;
  /** Aborted by the second one. */
  signalAgain: AbortSignal;
}

export interface Command<S extends OptionSpecs = OptionSpecs> {
  /** One or two words: `check`, `bert new`. */
  name: string;
  /** One line, without a full stop, for the list of commands. */
  summary: string;
  /** What stands after the options in the usage line: `PATH…`. */
  operands: string;
  /** How many operands there may be. */
  count: { least: number; most: number };
  options: S;
  /** What follows `--` in the usage line, where that belongs to somebody else. */
  rest?: string;
  /** Lines after the options in the help: examples, exit codes. */
  notes: readonly string[];
  run: (
    operands: readonly string[],
    options: OptionValues<S>,
    context: Context,
    /** The words behind `--` of a command that has a `rest`; undefined without `--`. */
    rest?: readonly string[],
  ) => Promise<ExitCode>;
}

/** Gives the options of a command their types. */
export function defineCommand<const S extends OptionSpecs>(command: Command<S>): Command {
  return command as unknown as Command;
}
