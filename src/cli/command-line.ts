// Finds the command that is meant, reads its arguments, runs it, and says in one line what kept it from running.
import { parseArguments } from './arguments';
import type { Command, Context, OptionSpecs, OptionValues } from './command';
import { bertNew } from './commands/bert-new';
import { check } from './commands/check';
import { convert } from './commands/convert';
import { doctor } from './commands/doctor';
import { exportCommand } from './commands/export';
import { finetune } from './commands/finetune';
import { predict } from './commands/predict';
import { runs } from './commands/runs';
import { summary } from './commands/summary';
import { train } from './commands/train';
import { commandHelp, overview } from './help';
import { didYouMean, EXIT, UsageError, type ExitCode } from './usage-error';
import { VERSION } from './version';

/** One row per command, in the order of the help. */
export const COMMANDS: readonly Command[] = [
  check,
  summary,
  convert,
  train,
  finetune,
  predict,
  bertNew,
  exportCommand,
  runs,
  doctor,
];

/** Runs one command line. Never rejects for what a user can cause; an error of our own is shown with its stack. */
export async function runCommandLine(args: readonly string[], context: Context): Promise<ExitCode> {
  const { out, err, colours } = context.terminal;
  try {
    const [first] = args;
    if (first === '--version' || first === '-V') {
      out(`${VERSION}\n`);
      return EXIT.ok;
    }
    if (first === undefined || first === 'help' || first === '--help' || first === '-h') {
      const named = first === 'help' && args.length > 1 ? commandOf(args.slice(1)) : null;
      out(named ? commandHelp(named.command, colours.out) : overview(COMMANDS, VERSION, colours.out));
      return EXIT.ok;
    }
    const { command, rest } = commandOf(args);
    const { operands, options, help, rest: behind } = parseArguments(command, rest);
    if (help) {
      out(commandHelp(command, colours.out));
      return EXIT.ok;
    }
    return await command.run(operands, options as OptionValues<OptionSpecs>, context, behind);
  } catch (error) {
    if (error instanceof UsageError) {
      err(`${colours.err.red('error')}: ${error.message}\n`);
      return EXIT.cannotRun;
    }
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    err(`${colours.err.red('error')}: This is a fault of Modelwright itself; please report it.\n${text}\n`);
    return EXIT.cannotRun;
  }
}

/** A command's name has one or two words. */
function commandOf(args: readonly string[]): { command: Command; rest: readonly string[] } {
  for (const words of [2, 1]) {
    const command = COMMANDS.find(({ name }) => name === args.slice(0, words).join(' '));
    if (command) return { command, rest: args.slice(words) };
  }
  const [word = ''] = args;
  const continued = COMMANDS.filter(({ name }) => name.startsWith(`${word} `)).map(({ name }) => name);
  if (continued.length > 0) throw new UsageError(`\`${word}\` needs a second word: ${continued.join(', ')}.`);
  const known = COMMANDS.map(({ name }) => name);
  const kind = word.startsWith('-') ? 'option before the command' : 'command';
  throw new UsageError(`There is no ${kind} ${word}.${didYouMean(word, known) || ` There are: ${known.join(', ')}.`}`);
}
