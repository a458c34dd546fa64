// ESLint and Prettier over the whole project; a file counts as one test of each.
import path from 'node:path';
import { run } from '../../scripts/setup/processes.mjs';

export async function lint() {
  const [rules, layout] = [await followsRules(), await isLaidOut()];
  return { passed: rules.passed + layout.passed, failed: rules.failed + layout.failed, skipped: 0 };
}

/** Layout is Prettier's; `npx prettier --write .` brings it about. */
async function isLaidOut() {
  const { code, output } = await run(process.execPath, [
    'node_modules/prettier/bin/prettier.cjs',
    '--list-different',
    '.',
  ]);
  const files = output.split('\n').filter(line => line.trim() !== '');
  for (const file of files) console.log(`${file}  is not laid out by Prettier: npx prettier --write .`);
  return { passed: code === 0 ? 1 : 0, failed: code === 0 ? 0 : Math.max(1, files.length) };
}

async function followsRules() {
  const { code, output } = await run(process.execPath, ['node_modules/eslint/bin/eslint.js', '.', '--format', 'json']);
  const files = parse(output);
  if (!files) {
    console.log(output.trim());
    return { passed: 0, failed: 1, skipped: 0 };
  }
  const bad = files.filter(file => file.errorCount + file.warningCount > 0);
  for (const { filePath, messages } of bad) {
    for (const { line, column, message, ruleId } of messages) {
      console.log(`${path.relative('.', filePath)}:${line}:${column}  ${message}  ${ruleId ?? ''}`);
    }
  }
  const failed = bad.length > 0 || code === 0 ? bad.length : 1;
  return { passed: files.length - bad.length, failed, skipped: 0 };
}

/** ESLint's own crashes come as text, not as JSON. */
function parse(output) {
  try {
    return JSON.parse(output.slice(output.indexOf('[{')));
  } catch {
    return undefined;
  }
}
