/** How Node is told to run TypeScript: through the tsx of the script's own project, else through Node's own means. */
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

/** Languages that Node does not run as they are. */
const TRANSFORMED = /\.([cm]?tsx?|jsx)$/;
/** What is left when types are merely left out; JSX and enums are more than types. */
const STRIPPED = /\.[cm]?ts$/;

/** Flags of Node for a script of this name. @throws Error with a `hint` where nothing here can run TypeScript. */
export function typeScriptFlags(script: string): string[] {
  if (!TRANSFORMED.test(script)) return [];
  for (const from of [script, import.meta.url]) {
    const loader = tsxLoader(from);
    if (loader !== null) return ['--import', pathToFileURL(loader).href];
  }
  const { typescript } = process.features as { typescript?: string | false };
  if (typescript && STRIPPED.test(script)) return [];
  throw Object.assign(new Error(`${path.basename(script)} needs tsx to run, and its project has none.`), {
    hint: `Install it there: npm install --save-dev tsx`,
  });
}

function tsxLoader(from: string): string | null {
  try {
    const folder = path.dirname(createRequire(from).resolve('tsx/package.json'));
    const loader = path.join(folder, 'dist', 'loader.mjs');
    return fs.existsSync(loader) ? loader : null;
  } catch {
    return null;
  }
}
