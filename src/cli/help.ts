// The help texts, made from the commands' own descriptions.
import type { Command, OptionSpec } from './command';
import type { Colours } from './terminal';

export function overview(commands: readonly Command[], version: string, { bold, dim }: Colours): string {
  const width = Math.max(...commands.map(({ name, operands }) => `${name} ${operands}`.length));
  const rows = commands.map(({ name, operands, summary }) => {
    const space = ' '.repeat(width - `${name} ${operands}`.length);
    return `  ${bold(name)} ${dim(operands)}${space}  ${summary}`;
  });
  return [
    `${bold('modelwright')} ${version}: shapes, errors and training of Keras and TensorFlow.js models, without running them.`,
    '',
    ...rows,
    '',
    `${dim('modelwright COMMAND --help says the rest.')}`,
    '',
  ].join('\n');
}

export function commandHelp(command: Command, { bold, dim }: Colours): string {
  const { name, summary, operands, options, notes, rest } = command;
  const entries: [string, OptionSpec][] = [...Object.entries(options), ['help', { kind: 'flag', help: 'this text' }]];
  const written = entries.map(([option, spec]) => [optionText(option, spec), describe(spec)] as const);
  const width = Math.max(...written.map(([text]) => text.length));
  return [
    `${bold(`modelwright ${name}`)} [options] ${operands}${rest === undefined ? '' : ` [-- ${rest}]`}`.trimEnd(),
    '',
    `  ${summary[0]?.toUpperCase()}${summary.slice(1)}.`,
    '',
    ...written.map(([text, words]) => `  ${text.padEnd(width)}  ${dim(words)}`),
    ...(notes.length > 0 ? ['', ...notes.map(note => `  ${note}`.trimEnd())] : []),
    '',
  ].join('\n');
}

function optionText(name: string, { kind, value, choices }: OptionSpec): string {
  if (kind === 'flag') return `--${name}`;
  return `--${name} ${value ?? (choices ? choices.join('|') : 'VALUE')}`;
}

function describe({ help, choices, value, many }: OptionSpec): string {
  const list = choices && value ? ` (${choices.join(', ')})` : '';
  return help + list + (many ? '; may be given several times' : '');
}
