// `modelwright check`: the shape check of files and folders, for people, programs and code scanning.
import { checkText } from '../check-text';
import { countOf, type CheckedFile } from '../checked-file';
import { defineCommand, type Context } from '../command';
import { Engine } from '../engine';
import { decode, findFiles, type FileLanguage, type FoundFiles } from '../files';
import { sarif } from '../sarif';
import { EXIT, UsageError } from '../usage-error';
import { VERSION } from '../version';

const STDIN_NAMES: Record<FileLanguage, string> = {
  python: '<stdin>.py',
  javascript: '<stdin>.js',
  typescript: '<stdin>.ts',
  notebook: '<stdin>.ipynb',
};

export const check = defineCommand({
  name: 'check',
  summary: 'shape check of files and folders',
  operands: 'PATH…',
  count: { least: 1, most: Number.POSITIVE_INFINITY },
  options: {
    json: { kind: 'flag', help: 'findings and models as JSON' },
    sarif: { kind: 'flag', help: 'findings as SARIF 2.1.0, for code scanning' },
    'max-warnings': { kind: 'integer', value: 'N', least: 0, help: 'more warnings than this count as an error' },
    language: {
      kind: 'text',
      choices: ['python', 'javascript', 'typescript', 'notebook'],
      value: 'LANGUAGE',
      help: 'what is read from stdin when PATH is -',
    },
  },
  notes: [
    'PATH is a file (.py .ipynb .js .mjs .cjs .ts .tsx .jsx), a folder, or - for stdin.',
    'In folders, node_modules, virtual environments, dist and names that begin with a dot are skipped.',
    '',
    'Exit: 0 no errors, 1 errors (or too many warnings), 2 it could not run.',
  ],
  async run(paths, { json, sarif: asSarif, 'max-warnings': maxWarnings, language }, context) {
    if (json && asSarif) throw new UsageError('--json and --sarif exclude each other; give one of them.');
    const { terminal, folder, distFolder } = context;
    const { files, notes } = await sources(paths, language as FileLanguage | undefined, context);
    const engine = new Engine(distFolder, folder);
    const checked = [];
    for (const file of files) {
      if (context.signal.aborted) throw new UsageError('The check was cancelled.');
      try {
        checked.push(await engine.check(file));
      } catch (error) {
        // One unreadable notebook in a folder must not hide the findings in all other files.
        if (!(error instanceof UsageError) || file.absolute === null || files.length === 1) throw error;
        notes.push(error.message);
      }
    }
    for (const note of notes) terminal.err(`${terminal.colours.err.yellow('note')}: ${note}\n`);
    if (json) terminal.out(`${JSON.stringify({ version: 1, files: checked.map(contract) }, null, 2)}\n`);
    else if (asSarif) terminal.out(`${JSON.stringify(sarif(checked, { version: VERSION, folder, notes }), null, 2)}\n`);
    else terminal.out(checkText(checked, terminal));
    const tooMany = maxWarnings !== undefined && countOf(checked, 'warning') > maxWarnings;
    return countOf(checked, 'error') > 0 || tooMany ? EXIT.findings : EXIT.ok;
  },
});

/** Only what the contract promises. */
function contract({ path, language, diagnostics, models }: CheckedFile): CheckedFile {
  return { path, language, diagnostics, models };
}

async function sources(
  paths: readonly string[],
  language: FileLanguage | undefined,
  { folder, readStdin }: Context,
): Promise<FoundFiles> {
  const named = paths.filter(each => each !== '-');
  const found = await findFiles(named, folder);
  if (named.length === paths.length) {
    if (language !== undefined) throw new UsageError('--language is for stdin: give - as the PATH.');
    return found;
  }
  if (language === undefined) {
    throw new UsageError('What comes from stdin needs --language: python, javascript, typescript or notebook.');
  }
  const stdin = { name: STDIN_NAMES[language], absolute: null, language, text: decode(await readStdin()) };
  return { ...found, files: [stdin, ...found.files] };
}
