/**
 * Everything that is written from something else: the manifest, the JSON Schema of training configurations, the page of
 * the readers, and one page for each rule. `npm run generate` writes it all; a test compares.
 */
import fs from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { dataMarkdown } from '../data/schema';
import { RULES } from '../rules';
import { manifest } from './manifest';
import { ruleIndex, rulePage } from './rule-pages';
import { trainingSchema } from './training-schema';

/** Path from the project's folder → text. */
export function generatedFiles(packageJson: string): Map<string, string> {
  return new Map([
    ['package.json', manifest(packageJson)],
    ['schemas/training.schema.json', `${JSON.stringify(trainingSchema(), null, 2)}\n`],
    ['docs/data.md', dataMarkdown()],
    ['docs/rules/README.md', ruleIndex(RULES)],
    ...RULES.map((rule): [string, string] => [`docs/rules/${rule.id}.md`, rulePage(rule)]),
  ]);
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const files = generatedFiles(fs.readFileSync('package.json', 'utf8'));
  for (const file of fs.existsSync('docs/rules') ? fs.readdirSync('docs/rules') : []) {
    if (!files.has(`docs/rules/${file}`)) fs.rmSync(path.join('docs/rules', file));
  }
  for (const [file, text] of files) {
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, text);
  }
}
