// Which files `check` reads, and how: folders are walked, what is no text of a model is left out with a note.
import fs from 'node:fs/promises';
import path from 'node:path';
import { isMinified, LARGEST_SCRIPT } from '../ide/left-out';
import { didYouMean, UsageError } from './usage-error';

export type FileLanguage = 'python' | 'javascript' | 'typescript' | 'notebook';

const LANGUAGES: Readonly<Record<string, FileLanguage>> = {
  '.py': 'python',
  '.pyi': 'python',
  '.ipynb': 'notebook',
  '.js': 'javascript',
  '.mjs': 'javascript',
  '.cjs': 'javascript',
  '.jsx': 'javascript',
  '.ts': 'typescript',
  '.mts': 'typescript',
  '.cts': 'typescript',
  '.tsx': 'typescript',
};

/** Folders of other people's code and of build results; those whose name begins with a dot are skipped as well. */
const SKIPPED_FOLDERS = new Set(['node_modules', 'venv', '__pycache__', 'dist', 'site-packages']);

/** No one writes a model of this size by hand; it is data with a misleading name. */
const LARGEST_BYTES = 5_000_000;

export interface SourceFile {
  /** As it is shown: relative to where the command was started, with forward slashes. */
  name: string;
  /** Null for stdin. */
  absolute: string | null;
  language: FileLanguage;
  text: string;
}

export interface FoundFiles {
  files: SourceFile[];
  /** What was left out though it was asked for or looks like source, one sentence each. */
  notes: string[];
}

export function languageOf(file: string): FileLanguage | undefined {
  return LANGUAGES[path.extname(file).toLowerCase()];
}

/** @throws {UsageError} for a path that does not exist, cannot be read, or is no source file */
export async function findFiles(operands: readonly string[], folder: string): Promise<FoundFiles> {
  const found: FoundFiles = { files: [], notes: [] };
  const seen = new Set<string>();
  for (const operand of operands) {
    const absolute = path.resolve(folder, operand);
    const stat = await fs.stat(absolute).catch(() => null);
    if (stat === null) throw new UsageError(await missingFile(operand, absolute));
    if (stat.isDirectory()) {
      const before = found.files.length;
      await walk(absolute, { folder, seen, found, ancestors: [] });
      if (found.files.length === before)
        found.notes.push(`${operand} has no Python, JavaScript or TypeScript files and no notebooks.`);
      continue;
    }
    const language = languageOf(absolute);
    if (language === undefined) {
      throw new UsageError(
        `${operand} is none of the files that can be checked (${Object.keys(LANGUAGES).join(' ')}).`,
      );
    }
    await take(absolute, language, { folder, seen, found });
  }
  return found;
}

interface Walk {
  folder: string;
  seen: Set<string>;
  found: FoundFiles;
}

/** In the order of names, so that the same tree always gives the same report. */
async function walk(directory: string, context: Walk & { ancestors: readonly string[] }): Promise<void> {
  const { folder, found, ancestors } = context;
  const real = await fs.realpath(directory).catch(() => null);
  if (real === null || ancestors.includes(real)) return; // A link back up.
  // A Python environment under a name of its own. One that was asked for by name is read.
  if (
    ancestors.length > 0 &&
    (await fs.access(path.join(directory, 'pyvenv.cfg')).then(
      () => true,
      () => false,
    ))
  )
    return;
  const entries = await fs.readdir(directory, { withFileTypes: true }).catch(() => {
    found.notes.push(`${shown(directory, folder)} cannot be read and was left out.`);
    return [];
  });
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const place = path.join(directory, entry.name);
    // A link counts as what it leads to; a broken one as nothing.
    const kind = entry.isSymbolicLink() ? await fs.stat(place).catch(() => null) : entry;
    if (kind?.isDirectory()) {
      if (!SKIPPED_FOLDERS.has(entry.name) && !entry.name.startsWith('.'))
        await walk(place, { ...context, ancestors: [...ancestors, real] });
      continue;
    }
    const language = languageOf(entry.name);
    if (kind?.isFile() && language !== undefined) await take(place, language, context);
  }
}

async function take(absolute: string, language: FileLanguage, { folder, seen, found }: Walk): Promise<void> {
  const name = shown(absolute, folder);
  const real = await fs.realpath(absolute);
  if (seen.has(real)) return;
  seen.add(real);
  const { size } = await fs.stat(absolute);
  if (size > LARGEST_BYTES) {
    found.notes.push(
      `${name} has ${(size / 1e6).toFixed(1)} MB and was left out; files up to ${LARGEST_BYTES / 1e6} MB are checked.`,
    );
    return;
  }
  const isScript = language === 'javascript' || language === 'typescript';
  if (isScript && size > LARGEST_SCRIPT) {
    found.notes.push(`${name} has ${Math.round(size / 1000)} kB, which looks like a bundle, and was left out.`);
    return;
  }
  try {
    const text = decode(await fs.readFile(absolute));
    if (isScript && isMinified(text)) {
      found.notes.push(`${name} is minified and was left out.`);
      return;
    }
    found.files.push({ name, absolute, language, text });
  } catch (error) {
    found.notes.push(`${name} cannot be read (${(error as NodeJS.ErrnoException).code}) and was left out.`);
  }
}

/**
 * UTF-8, or UTF-16 where a byte order mark says so. Bytes that are no UTF-8 (Latin-1 comments of old files) become
 * replacement characters, one each, which hurts nothing outside strings.
 */
export function decode(bytes: Uint8Array): string {
  const mark = bytes.length >= 2 ? ((bytes[0] ?? 0) << 8) | (bytes[1] ?? 0) : 0;
  if (mark === 0xfffe) return new TextDecoder('utf-16le').decode(bytes);
  if (mark === 0xfeff) return new TextDecoder('utf-16be').decode(bytes);
  return new TextDecoder('utf-8').decode(bytes);
}

export function shown(absolute: string, folder: string): string {
  const relative = path.relative(folder, absolute);
  const short = relative === '' ? '.' : relative.startsWith('..') || path.isAbsolute(relative) ? absolute : relative;
  return short.split(path.sep).join('/');
}

async function missingFile(operand: string, absolute: string): Promise<string> {
  const siblings = await fs.readdir(path.dirname(absolute)).catch(() => []);
  const folder = path.dirname(operand);
  const near = didYouMean(path.basename(absolute), siblings);
  return `There is no file or folder ${operand}.${folder === '.' ? near : near.replace('mean ', `mean ${folder}/`)}`;
}
