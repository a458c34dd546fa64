/**
 * The concrete syntax tree as plain objects, copied out of tree-sitter's WebAssembly memory in one walk.
 *
 * Every question put to a tree-sitter node crosses into WebAssembly, so the walk asks as little as it can: a token
 * without a name of its own (`(`, `+`, `def`) has only its type, a leaf is never searched for children, and a statement
 * that an edit left as it was is not entered at all.
 */
import type { Language as TreeSitterLanguage, Tree, TreeCursor } from 'web-tree-sitter';
import type { Comment, SyntaxFault } from '../ir/program';
import type { KnownStatements, LoweredStatement } from './reuse';
import { missing, unreadable } from './syntax-errors';

export interface SyntaxNode {
  readonly type: string;
  /** False for the tokens the grammar spells out; these carry no position. */
  readonly named: boolean;
  readonly start: number;
  readonly end: number;
  readonly field: string | undefined;
  readonly children: readonly SyntaxNode[];
  /** Stands in a list of statements. */
  readonly isStatement: boolean;
  /** True when an error or a repair lies inside: such a statement is never used again for another text. */
  readonly hasError: boolean;
  readonly reused: LoweredStatement | undefined;
}

export interface SyntaxTree {
  readonly root: SyntaxNode;
  /** The comments outside of reused statements. */
  readonly comments: readonly Comment[];
  readonly errors: readonly SyntaxFault[];
}

/** The grammar's node types by number, and what the walk does with each. */
export interface NodeTypes {
  readonly names: readonly string[];
  readonly named: readonly boolean[];
  readonly leaf: readonly boolean[];
  readonly statement: readonly boolean[];
  readonly skipped: readonly boolean[];
  readonly comment: readonly boolean[];
  readonly oneLine: readonly boolean[];
  readonly fields: readonly (string | null)[];
}

export interface NodeTypeNames {
  /** Named nodes whose children nobody asks for. */
  readonly leaves: readonly string[];
  /** Nodes that stand in a list of statements; only they are reused. */
  readonly statements: readonly string[];
  /** Statements that end with their line, unless a bracket or a backslash carries them on. */
  readonly oneLine?: readonly string[];
  /** Nodes without meaning, such as Python's line continuation. */
  readonly skipped: readonly string[];
}

export function nodeTypes(
  language: TreeSitterLanguage,
  { leaves, statements, skipped, oneLine = [] }: NodeTypeNames,
): NodeTypes {
  const names = language.types;
  const named = names.map((_, id) => language.nodeTypeIsNamed(id));
  const among = (wanted: readonly string[]) => names.map((name, id) => named[id] === true && wanted.includes(name));
  return {
    names,
    named,
    leaf: among([...leaves, 'comment']).map((leaf, id) => leaf || named[id] === false),
    statement: among(statements),
    skipped: among(skipped),
    comment: among(['comment']),
    oneLine: among(oneLine),
    fields: language.fields,
  };
}

const NO_CHILDREN: readonly SyntaxNode[] = [];
/** A text with more errors is no code, and what follows would be guesswork. */
const MAX_ERRORS = 2_000;
const ERROR_TYPE = 65535;

interface Options {
  readonly types: NodeTypes;
  readonly text: string;
  /** From an offset of the parsed text to one of the original text; absent when they are the same text. */
  readonly originalOffset?: (offset: number) => number;
  /** Where a statement runs on into the next line though nothing carries it on, or nothing. */
  readonly runsOnAt?: (start: number, end: number) => number | undefined;
  readonly known?: KnownStatements;
  /** Whether something in this range, or at its ends, was repaired. */
  readonly isRepaired?: (start: number, end: number) => boolean;
}

interface Open {
  readonly node: SyntaxNode & { hasError: boolean };
  readonly children: SyntaxNode[];
  readonly hasError: boolean;
}

/** Copies `tree`. Iterative, because a tree can be deeper than the JavaScript stack. */
export function copyTree(tree: Tree, options: Options): SyntaxTree {
  const walk = new Walk(options, tree.walk());
  try {
    return walk.run(tree.rootNode.hasError);
  } finally {
    walk.cursor.delete();
  }
}

class Walk {
  private readonly comments: Comment[] = [];
  private readonly errors: SyntaxFault[] = [];

  constructor(
    private readonly options: Options,
    readonly cursor: TreeCursor,
  ) {}

  run(hasError: boolean): SyntaxTree {
    const { cursor } = this;
    const root = this.open(hasError);
    if (!root) throw new Error('a syntax tree has a root');
    const path: Open[] = [root];
    let descend = cursor.gotoFirstChild();
    while (descend) {
      const parent = path[path.length - 1]!;
      const child = this.open(parent.hasError);
      if (child) parent.children.push(child.node);
      if (this.runsOn) for (const { node } of path) node.hasError = true;
      if (child && !this.isLeaf && !child.node.reused && cursor.gotoFirstChild()) {
        path.push(child);
        continue;
      }
      if (this.errors.length > MAX_ERRORS) break;
      while (!cursor.gotoNextSibling()) {
        path.pop();
        if (path.length === 0 || !cursor.gotoParent()) {
          descend = false;
          break;
        }
      }
      if (path.length === 0) break;
    }
    if (hasError && this.errors.length === 0) this.somewhere(root.children);
    return { root: root.node, comments: this.comments, errors: this.errors };
  }

  private isLeaf = false;
  /** The node that was opened last goes on where it should have ended. */
  private runsOn = false;

  /** The node under the cursor, or nothing for what the grammar lowering never looks at. */
  private open(parentHasError: boolean): Open | undefined {
    const {
      cursor,
      options: { types, known },
    } = this;
    const id = cursor.nodeTypeId;
    const isError = id === ERROR_TYPE;
    const named = isError || types.named[id] === true;
    // Where an error lies inside, even a string is entered: its closing quote may be what is missing.
    this.isLeaf = !isError && types.leaf[id] === true && !(parentHasError && types.named[id]);
    if (parentHasError && cursor.nodeIsMissing) {
      this.errors.push(missing(this.offset(cursor.startIndex), types.names[id] ?? ''));
      return undefined;
    }
    this.runsOn = false;
    if (!named) return { node: tokenNode(types.names[id] ?? ''), children: [], hasError: false };
    if (types.skipped[id]) {
      this.isLeaf = true;
      return undefined;
    }

    const start = this.offset(cursor.startIndex);
    const end = Math.max(start, this.offset(cursor.endIndex));
    if (types.comment[id]) {
      this.comments.push(commentAt(this.options.text, start, end));
      return undefined;
    }
    if (isError) this.errors.push(unreadable(this.options.text, start, end));

    const type = isError ? 'ERROR' : (types.names[id] ?? '');
    const isStatement = types.statement[id] === true;
    const isBroken = isError || (parentHasError && (isStatement ? cursor.currentNode.hasError : true));
    const isClean = isStatement && !isBroken && this.options.isRepaired?.(start, end) !== true;
    const reused = isClean ? known?.find(type, start, end) : undefined;
    if (reused) return { node: statementAgain(reused, start, end, this.field()), children: [], hasError: false };

    const children: SyntaxNode[] = this.isLeaf ? (NO_CHILDREN as SyntaxNode[]) : [];
    const runsOn = types.oneLine[id] ? this.options.runsOnAt?.(start, end) : undefined;
    if (runsOn !== undefined) {
      this.runsOn = true;
      this.errors.push({ span: { start: runsOn, end: runsOn }, message: 'The line ends too early.' });
    }
    const hasError = isBroken || runsOn !== undefined;
    const node = {
      type,
      named,
      start,
      end,
      field: this.field(),
      children,
      isStatement,
      hasError: isStatement ? !isClean || runsOn !== undefined : hasError,
      reused: undefined,
    };
    return { node, children, hasError };
  }

  private field(): string | undefined {
    const id = this.cursor.currentFieldId;
    return id === 0 ? undefined : (this.options.types.fields[id] ?? undefined);
  }

  /** An error inside a node that is never entered: only the statement around it is known. */
  private somewhere(statements: readonly SyntaxNode[]): void {
    const { start, end } = statements.find(statement => statement.hasError) ?? { start: 0, end: 0 };
    this.errors.push({ span: { start, end }, message: 'This statement cannot be read as code.' });
  }

  private offset(index: number): number {
    return this.options.originalOffset ? this.options.originalOffset(index) : index;
  }
}

function statementAgain(reused: LoweredStatement, start: number, end: number, field: string | undefined): SyntaxNode {
  const { type } = reused;
  return { type, named: true, start, end, field, children: NO_CHILDREN, isStatement: true, hasError: false, reused };
}

/** Tokens without a name are shared: they have no position, so one object per spelling is enough. */
const tokens = new Map<string, SyntaxNode>();
function tokenNode(type: string): SyntaxNode {
  let node = tokens.get(type);
  if (!node) {
    node = {
      type,
      named: false,
      start: 0,
      end: 0,
      field: undefined,
      children: NO_CHILDREN,
      isStatement: false,
      hasError: false,
      reused: undefined,
    };
    tokens.set(type, node);
  }
  return node;
}

function commentAt(text: string, start: number, end: number): Comment {
  const source = text.slice(start, end);
  const inner = source.startsWith('/*')
    ? source.slice(2, source.endsWith('*/') ? -2 : undefined)
    : source.replace(/^(#+|\/\/+)/, '');
  return { span: { start, end }, text: inner.trim() };
}
