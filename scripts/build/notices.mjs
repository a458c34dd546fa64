// Writes dist/THIRD-PARTY-NOTICES.txt: the licences of the packages whose code or files went into dist/, as they ask.
import fs from 'node:fs';
import path from 'node:path';

/** Packages that are copied, not bundled: grammars, and what the runtime kit is made of. */
const COPIED = ['@vscode/tree-sitter-wasm', '@tensorflow/tfjs-node', 'node-api-headers'];

/** @param {import('esbuild').BuildResult<{ metafile: true }>[]} results */
export function writeNotices(results) {
  const inputs = results.flatMap(result => Object.keys(result.metafile.inputs));
  const packages = new Set(COPIED.map(name => `node_modules/${name}`));
  for (const input of inputs) {
    const folder = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(input)?.[1];
    if (folder) packages.add(folder);
  }
  const notices = [...packages].sort().map(notice);
  const head = 'Modelwright contains code of these packages, under their licences.\n';
  fs.writeFileSync('dist/THIRD-PARTY-NOTICES.txt', [head, ...new Set(notices)].join(`\n${'='.repeat(80)}\n\n`));
}

function notice(folder) {
  const { name, version, license, author } = JSON.parse(fs.readFileSync(path.join(folder, 'package.json'), 'utf8'));
  const file = fs.readdirSync(folder).find(each => /^(licen[cs]e|copying)/i.test(each));
  const by = typeof author === 'string' ? author : author?.name;
  const text = file ? fs.readFileSync(path.join(folder, file), 'utf8').trim() : `Licence: ${license}`;
  return `${name} ${version}${by ? `, by ${by}` : ''} (${license})\n\n${text}\n`;
}
