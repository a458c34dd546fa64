// Reads the arguments of one command strictly: what is not known, missing or not a number is said, never guessed.
import { parseArgs, type ParseArgsConfig } from 'node:util';
import type { Command, OptionSpec } from './command';
import { didYouMean, UsageError } from './usage-error';

export interface ParsedArguments {
  operands: string[];
  options: Record<string, unknown>;
  help: boolean;
  rest?: readonly string[];
}

/** @throws {UsageError} */
export function parseArguments(command: Command, args: readonly string[]): ParsedArguments {
  const end = command.rest === undefined ? -1 : args.indexOf('--');
  if (end < 0) return parseOwn(command, args);
  return { ...parseOwn(command, args.slice(0, end)), rest: args.slice(end + 1) };
}

function parseOwn(command: Command, args: readonly string[]): ParsedArguments {
  const declared: NonNullable<ParseArgsConfig['options']> = { help: { type: 'boolean', short: 'h' } };
  for (const [name, { kind }] of Object.entries(command.options)) {
    declared[name] = { type: kind === 'flag' ? 'boolean' : 'string', multiple: true };
  }
  const { tokens } = parseArgs({
    args: [...args],
    options: declared,
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const operands: string[] = [];
  const given = new Map<string, (string | boolean)[]>();
  let help = false;
  for (const token of tokens) {
    if (token.kind === 'positional') operands.push(token.value);
    if (token.kind !== 'option') continue;
    if (token.name === 'help') {
      help = true;
      continue;
    }
    const spec = command.options[token.name];
    if (spec === undefined) throw unknownOption(command, token.rawName);
    given.set(token.name, [...(given.get(token.name) ?? []), valueOf(token.rawName, token.value, spec)]);
  }
  if (help) return { operands, options: {}, help };
  const options = Object.entries(command.options).map(([name, spec]) => [
    name,
    settle(name, given.get(name) ?? [], spec),
  ]);
  checkCount(command, operands);
  return { operands, options: Object.fromEntries(options) as Record<string, unknown>, help };
}

function unknownOption(command: Command, written: string): UsageError {
  const known = [...Object.keys(command.options), 'help'].map(name => `--${name}`);
  return new UsageError(
    `\`${command.name}\` has no option ${written}.${didYouMean(written, known) || seeHelp(command)}`,
  );
}

function seeHelp({ name }: Command): string {
  return ` \`modelwright ${name} --help\` lists them.`;
}

/** A negative number is a value; anything else that looks like an option is a forgotten value. */
function valueOf(
  written: string,
  value: string | undefined,
  { kind, value: valueName = 'VALUE' }: OptionSpec,
): string | boolean {
  if (kind === 'flag') {
    if (value !== undefined) throw new UsageError(`${written} takes no value.`);
    return true;
  }
  if (value === undefined || (/^-/.test(value) && !/^-[\d.]/.test(value) && value !== '-')) {
    throw new UsageError(`${written} needs a value: ${written} ${valueName}.`);
  }
  return value;
}

function settle(name: string, values: readonly (string | boolean)[], spec: OptionSpec): unknown {
  if (spec.kind === 'flag') return values.length > 0;
  const typed = values.map(value => typedValue(name, String(value), spec));
  if (spec.many) return typed;
  if (typed.length > 1) throw new UsageError(`--${name} was given ${typed.length} times; give it once.`);
  return typed[0];
}

function typedValue(name: string, value: string, { kind, choices, least }: OptionSpec): string | number {
  if (kind === 'text') {
    if (choices !== undefined && !choices.includes(value)) {
      throw new UsageError(`--${name} is one of ${choices.join(', ')}, not "${value}".${didYouMean(value, choices)}`);
    }
    return value;
  }
  const number = value.trim() === '' ? Number.NaN : Number(value);
  const fits = kind === 'integer' ? Number.isSafeInteger(number) : Number.isFinite(number);
  if (!fits)
    throw new UsageError(`--${name} takes ${kind === 'integer' ? 'a whole number' : 'a number'}, not "${value}".`);
  if (least !== undefined && number < least) throw new UsageError(`--${name} is at least ${least}, not ${value}.`);
  return number;
}

function checkCount(command: Command, operands: readonly string[]): void {
  const { least, most } = command.count;
  const usage = `Usage: modelwright ${command.name} [options] ${command.operands}`.trim();
  if (operands.length < least) {
    const missing = command.operands.split(' ')[operands.length] ?? command.operands;
    throw new UsageError(`\`${command.name}\` needs ${missing.replace('…', '')}. ${usage}`);
  }
  if (operands.length > most)
    throw new UsageError(`\`${command.name}\` does not know what to do with "${operands[most]}". ${usage}`);
}
