/**
 * Loads tree-sitter and its grammars. The bytes are handed in, because where a `.wasm` file lies is known only to the
 * shell around: a path beside the bundle, a package in `node_modules`, a URL in the browser.
 *
 * The grammars of `@vscode/tree-sitter-wasm` 0.3.1 have ABI 14 (TypeScript, TSX) and 15 (Python, JavaScript), and
 * `web-tree-sitter` 0.27.1 reads both.
 */
import { Language as TreeSitterLanguage, Parser as TreeSitterParser } from 'web-tree-sitter';
import type { Language, Program } from '../ir/program';
import { openDocument, type Grammar, type SourceDocument } from './document';
import { javascriptNodeTypes, javascriptRules } from './javascript';
import type { LanguageRules } from './lowering';
import { pythonNodeTypes, pythonRules } from './python';
import { JAVASCRIPT_SYNTAX, PYTHON_SYNTAX, type Syntax } from './repair';
import { nodeTypes, type NodeTypeNames } from './syntax-tree';

export type GrammarName = 'python' | 'javascript' | 'typescript' | 'tsx';

interface Front {
  readonly language: Language;
  readonly rules: LanguageRules;
  readonly nodeTypes: NodeTypeNames;
  readonly syntax: Syntax;
}

const FRONTS: Readonly<Record<GrammarName, Front>> = {
  python: { language: 'python', rules: pythonRules, nodeTypes: pythonNodeTypes, syntax: PYTHON_SYNTAX },
  javascript: {
    language: 'javascript',
    rules: javascriptRules,
    nodeTypes: javascriptNodeTypes,
    syntax: JAVASCRIPT_SYNTAX,
  },
  typescript: {
    language: 'typescript',
    rules: javascriptRules,
    nodeTypes: javascriptNodeTypes,
    syntax: JAVASCRIPT_SYNTAX,
  },
  tsx: { language: 'typescript', rules: javascriptRules, nodeTypes: javascriptNodeTypes, syntax: JAVASCRIPT_SYNTAX },
};

/** The grammar for a file of this name,
  or nothing for a file of another kind. Notebooks are Python with cells around it. */
export function grammarOf(fileName: string): GrammarName | undefined {
  const extension = /\.([a-z]+)$/i.exec(fileName)?.[1]?.toLowerCase();
  return extension === undefined ? undefined : BY_EXTENSION[extension];
}

/** TypeScript 6 reads JSX in `.js` too, and so does the JavaScript grammar. */
const BY_EXTENSION: Readonly<Record<string, GrammarName>> = {
  py: 'python',
  pyi: 'python',
  ipynb: 'python',
  js: 'javascript',
  mjs: 'javascript',
  cjs: 'javascript',
  jsx: 'javascript',
  ts: 'typescript',
  mts: 'typescript',
  cts: 'typescript',
  tsx: 'tsx',
};

/** The names of the files whose bytes `createParser` wants. */
export const ENGINE_FILE = 'web-tree-sitter.wasm';
export const grammarFile = (grammar: GrammarName) => `tree-sitter-${grammar}.wasm`;

export interface SourceParser {
  /** One text, once. */
  parse(text: string): Program;
  /** A text that will be edited: each `update` costs what has changed, not what there is. */
  open(): SourceDocument;
}

let engine: Promise<void> | undefined;

/** Throws only when the bytes are not what they should be; after that no text makes a parser throw. */
export async function createParser(options: {
  readonly grammar: GrammarName;
  readonly engineWasm: Uint8Array;
  readonly grammarWasm: Uint8Array;
}): Promise<SourceParser> {
  engine ??= TreeSitterParser.init({ wasmBinary: options.engineWasm });
  await engine;
  const language = await TreeSitterLanguage.load(options.grammarWasm);
  const front = FRONTS[options.grammar];
  const parser = new TreeSitterParser();
  parser.setLanguage(language);
  const { rules, syntax } = front;
  const grammar: Grammar = {
    language: front.language,
    rules,
    syntax,
    types: nodeTypes(language, front.nodeTypes),
    engine: parser,
  };
  return {
    parse: text => {
      const document = openDocument(grammar);
      try {
        return document.update(text);
      } finally {
        document.close();
      }
    },
    open: () => openDocument(grammar),
  };
}
