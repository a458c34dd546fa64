/**
 * One text while it is edited. The last tree is kept, told of the edit, and parsed again; statements that tree-sitter
 * took over unchanged keep what they were lowered to, moved to their new place.
 */
import { Edit, type Parser, type Point, type Tree } from 'web-tree-sitter';
import type { Language, Program } from '../ir/program';
import { Lowering, type LanguageRules } from './lowering';
import { copyTree, type LoweredStatement, type NodeTypes } from './syntax-tree';

/** A language ready to parse. One is enough for any number of documents. */
export interface Grammar {
  readonly language: Language;
  readonly rules: LanguageRules;
  readonly types: NodeTypes;
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
  private known: ReadonlyMap<number, LoweredStatement> = new Map();
  private program: Program | undefined;

  constructor(private readonly grammar: Grammar) {}

  update(source: string): Program {
    const text = masked(source);
    if (this.program && text === this.text) return this.program;
    const { engine, types, rules, language } = this.grammar;
    const old = this.tree;
    old?.edit(editBetween(this.text, text));
    const tree = engine.parse(index => text.slice(index, index + CHUNK), old);
    if (!tree) throw new Error('tree-sitter gave no tree though nothing asked it to stop');
    const copied = copyTree(tree, { types, text, known: this.known });
    const lowering = new Lowering(text, rules, copied.comments);
    const body = lowering.body(copied.root);
    old?.delete();
    this.text = text;
    this.tree = tree;
    this.known = lowering.known();
    this.program = { language, body, syntaxErrors: copied.errors, comments: lowering.comments() };
    return this.program;
  }

  close(): void {
    this.tree?.delete();
    this.tree = undefined;
    this.program = undefined;
    this.known = new Map();
  }
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

function pointAt(text: string, offset: number): Point {
  let row = 0;
  let lineStart = 0;
  for (let at = text.indexOf('\n'); at !== -1 && at < offset; at = text.indexOf('\n', at + 1)) {
    row++;
    lineStart = at + 1;
  }
  return { row, column: offset - lineStart };
}
