// `check --sarif`: the findings in SARIF 2.1.0 (OASIS), which code scanning services and editors read.
import { pathToFileURL } from 'node:url';
import type { CheckedFile, Diagnostic, Fix, Range, Severity } from './checked-file';

const SCHEMA = 'https://json.schemastore.org/sarif-2.1.0.json';

const LEVELS: Record<Severity, 'error' | 'warning' | 'note'> = { error: 'error', warning: 'warning', info: 'note' };

export interface SarifOptions {
  version: string;
  /** Relative paths start here. */
  folder: string;
  notes: readonly string[];
}

export function sarif(files: readonly CheckedFile[], { version, folder, notes }: SarifOptions): object {
  const codes = [...new Set(files.flatMap(file => file.diagnostics.map(({ code }) => code)))].sort();
  return {
    $schema: SCHEMA,
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'Modelwright',
            semanticVersion: version,
            rules: codes.map(id => ({ id, name: pascalCase(id) })),
          },
        },
        // The standard wants a folder's URI to end with a slash.
        originalUriBaseIds: { ROOT: { uri: `${pathToFileURL(folder).href.replace(/\/$/, '')}/` } },
        columnKind: 'utf16CodeUnits',
        invocations: [
          {
            executionSuccessful: true,
            toolExecutionNotifications: notes.map(text => ({ level: 'note', message: { text } })),
          },
        ],
        results: files.flatMap(file => file.diagnostics.map(diagnostic => result(diagnostic, file.path, codes))),
      },
    ],
  };
}

function result(diagnostic: Diagnostic, file: string, codes: readonly string[]): object {
  const { code, severity, message, range, related, fixes } = diagnostic;
  return {
    ruleId: code,
    ruleIndex: codes.indexOf(code),
    level: LEVELS[severity],
    message: { text: message },
    locations: [{ physicalLocation: physicalLocation(file, range) }],
    ...(related.length > 0 && {
      relatedLocations: related.map((each, id) => ({
        id,
        message: { text: each.message },
        physicalLocation: physicalLocation(each.path ?? file, each.range),
      })),
    }),
    ...(fixes.length > 0 && { fixes: fixes.map(fix => sarifFix(fix, file)) }),
  };
}

function sarifFix({ title, edits }: Fix, file: string): object {
  const replacements = edits.map(({ range, newText }) => ({
    deletedRegion: region(range),
    insertedContent: { text: newText },
  }));
  return {
    description: { text: title },
    artifactChanges: [{ artifactLocation: artifactLocation(file), replacements }],
  };
}

function physicalLocation(file: string, range: Range): object {
  return { artifactLocation: artifactLocation(file), region: region(range) };
}

/** Relative where the file lies below the root; the characters of its path escaped as a URI wants them. */
function artifactLocation(file: string): object {
  if (/^([A-Za-z]:)?\//.test(file)) return { uri: pathToFileURL(file).href };
  return { uri: file.split('/').map(encodeURIComponent).join('/'), uriBaseId: 'ROOT' };
}

/** SARIF counts lines and columns from 1; the end column is the first one behind. */
function region({ start, end }: Range): object {
  return {
    startLine: start.line + 1,
    startColumn: start.character + 1,
    endLine: end.line + 1,
    endColumn: end.character + 1,
  };
}

function pascalCase(id: string): string {
  return id.replace(/(^|[^a-zA-Z0-9]+)([a-zA-Z0-9])/g, (_match, _separator, letter: string) => letter.toUpperCase());
}
