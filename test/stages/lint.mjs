// ESLint over the whole project; a file counts as one test.
import path from 'node:path';
import { run } from '../../scripts/setup/processes.mjs';

export async function lint() {
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
