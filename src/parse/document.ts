/**
 * One text while it is edited. The last tree is kept, told of the edit, and parsed again; statements that tree-sitter
 * took over unchanged keep what they were lowered to, moved to their new place.
 */
import { Edit, type Parser, type Point, type Tree } from 'web-tree-sitter';
import type { Comment, Language, Program, Statement, SyntaxFault } from '../ir/program';
import { Lowering, type LanguageRules } from './lowering';
import { repair, repairFaults, type Syntax } from './repair';
import { runsOnAt } from './repair/brackets';
import { originalOffsets, patched, type Patch } from './repair/patch';
import { copyTree, type LoweredStatement, type NodeTypes, type SyntaxTree } from './syntax-tree';

/** A language ready to parse. One is enough for any number of documents. */
export interface Grammar {
  readonly language: Language;
  readonly rules: LanguageRules;
  readonly types: NodeTypes;
  readonly syntax: Syntax;
  readonly engine: Parser;
}

export interface SourceDocument {
  /** The program of `text`: the same one whatever was there before. */
  update(text: string): Program;
  /** Gives the tree's memory back. The document must not be used after that. */
  close(): void;
}

export function openDocument(grammar: Grammar): SourceDocument {
  return new IncrementalDocument(grammar);
}

class IncrementalDocument implements SourceDocument {
  private text = '';
  private tree: Tree | undefined;
  /** The tree the program was lowered from, where that is the tree of a repaired text. Alive as long as `known` is asked. */
  private repaired: Tree | undefined;
  private known: ReadonlyMap<number, LoweredStatement> = new Map();
  private program: Program | undefined;

  constructor(private readonly grammar: Grammar) {}

  update(source: string): Program {
    const text = masked(source);
    if (this.program && text === this.text) return this.program;
    const old = this.tree;
    const edit = old && editBetween(this.text, text);
    if (edit) old.edit(edit);
    const tree = this.parse(text, old);
    const { body, comments, errors, known, tree: lowered } = this.read(text, tree, edit?.newEndIndex);
    old?.delete();
    this.repaired?.delete();
    this.repaired = lowered === tree ? undefined : lowered;
    this.text = text;
    this.tree = tree;
    this.known = known;
    this.program = { language: this.grammar.language, body, syntaxErrors: errors, comments };
    return this.program;
  }

  close(): void {
    this.tree?.delete();
    this.repaired?.delete();
    this.tree = this.repaired = undefined;
    this.program = undefined;
    this.known = new Map();
  }

  private parse(text: string, old: Tree | undefined): Tree {
    const tree = this.grammar.engine.parse(index => text.slice(index, index + CHUNK), old);
    if (!tree) throw new Error('tree-sitter gave no tree though nothing asked it to stop');
    return tree;
  }

  private copy(text: string, tree: Tree, originalOffset?: (offset: number) => number): Reading {
    const { types, syntax } = this.grammar;
    const runsOn = (start: number, end: number) => runsOnAt(text, start, end, syntax);
    return { tree, ...copyTree(tree, { types, text, known: this.known, originalOffset, runsOnAt: runsOn }) };
  }

  private read(text: string, tree: Tree, edited: number | undefined): Lowered {
    const { syntax, rules } = this.grammar;
    const first = this.copy(text, tree);
    const { best, patches } = first.errors.length === 0 ? { best: first, patches: [] }
      : repair(text, first, edited, syntax, attempt => this.patched(text, tree, attempt), rejected => rejected.tree.delete());
    const lowering = new Lowering(text, rules, best.comments);
    const body = lowering.body(best.root);
    const errors = [...repairFaults(text, patches), ...best.errors].sort((a, b) => a.span.start - b.span.start);
    return { body, comments: lowering.comments(), errors, known: lowering.known(), tree: best.tree };
  }

  /** The tree of the text with `patches`, parsed as an edit of the tree without: almost all of it is shared. */
  private patched(text: string, tree: Tree, patches: readonly Patch[]): Reading {
    const copy = tree.copy();
    const result = patched(text, patches);
    for (const edit of patchEdits(text, patches)) copy.edit(edit);
    try {
      return this.copy(text, this.parse(result, copy), originalOffsets(patches));
    } finally {
      copy.delete();
    }
  }
}

interface Reading extends SyntaxTree { readonly tree: Tree }

interface Lowered {
  readonly body: readonly Statement[];
  readonly comments: readonly Comment[];
  readonly errors: readonly SyntaxFault[];
  readonly known: ReadonlyMap<number, LoweredStatement>;
  readonly tree: Tree;
}

/** Tree-sitter asks for text piece by piece; its own buffer holds 10 KiB. */
const CHUNK = 5000;

/** A null character ends the text for tree-sitter's scanners, so it is read as a space. */
function masked(text: string): string {
  return text.includes('\0') ? text.replace(/\0/g, ' ') : text;
}

/** The one range outside of which both texts are the same. Rows are not needed: no rule asks for them. */
export function editBetween(before: string, after: string): Edit {
  const shorter = Math.min(before.length, after.length);
  let start = 0;
  while (start < shorter && before.charCodeAt(start) === after.charCodeAt(start)) start++;
  let same = 0;
  while (same < shorter - start && before.charCodeAt(before.length - 1 - same) === after.charCodeAt(after.length - 1 - same)) same++;
  const oldEndIndex = before.length - same;
  const newEndIndex = after.length - same;
  return new Edit({
    startIndex: start, oldEndIndex, newEndIndex,
    startPosition: pointAt(before, start), oldEndPosition: pointAt(before, oldEndIndex), newEndPosition: pointAt(after, newEndIndex),
  });
}

/** From the last patch to the first, so that the offsets of those before stay what they were. */
function patchEdits(text: string, patches: readonly Patch[]): readonly Edit[] {
  return [...patches].reverse().map(({ at, mask = '', insert = '' }) => {
    const oldEndIndex = at + mask.length;
    const newEndIndex = oldEndIndex + insert.length;
    const oldEndPosition = pointAt(text, oldEndIndex);
    return new Edit({
      startIndex: at, oldEndIndex, newEndIndex, startPosition: pointAt(text, at), oldEndPosition,
      newEndPosition: { row: oldEndPosition.row, column: oldEndPosition.column + insert.length },
    });
  });
}

function pointAt(text: string, offset: number): Point {
  let row = 0;
  let lineStart = 0;
  for (let at = text.indexOf('\n'); at !== -1 && at < offset; at = text.indexOf('\n', at + 1)) {
    row++;
    lineStart = at + 1;
  }
  return { row, column: offset - lineStart };
}
