/**
 * One text while it is edited. The last tree is kept, told of the edit, and parsed again; statements that tree-sitter
 * took over unchanged keep what they were lowered to, moved to their new place.
 */
import { Edit, type Parser, type Point, type Tree } from 'web-tree-sitter';
import type { Language, Program, SyntaxFault } from '../ir/program';
import { Lowering, unsupportedStatement, type LanguageRules } from './lowering';
import { MAX_ERRORS, obviousPatches, repair, repairFaults, type Syntax } from './repair';
import { runsOnAt } from './repair/brackets';
import { originalOffsets, patched, type Patch } from './repair/patch';
import { errorsIn } from './syntax-errors';
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
  /** The tree the program was lowered from,
    where that is the tree of a repaired text. Alive as long as `known` is asked. */
  private repaired: Tree | undefined;
  private known: ReadonlyMap<number, LoweredStatement> = new Map();
  private program: Program | undefined;

  constructor(private readonly grammar: Grammar) {}

  update(source: string): Program {
    const text = masked(source);
    if (this.program && text === this.text) return this.program;
    const old = this.tree;
    old?.edit(editBetween(this.text, text));
    const tree = this.parse(text, old);
    if (!tree) return this.giveUp(text);
    const reading = this.read(text, tree, old === undefined);
    const lowering = new Lowering(text, this.grammar.rules, reading.comments);
    const body = lowering.body(reading.root);
    // Only now: as long as the old trees live, no new node can have the identity of an old one.
    old?.delete();
    this.repaired?.delete();
    this.tree = reading.base;
    this.repaired = reading.tree === reading.base ? undefined : reading.tree;
    this.text = text;
    this.known = lowering.known();
    this.program = {
      language: this.grammar.language,
      body,
      syntaxErrors: reading.errors,
      comments: lowering.comments(),
    };
    return this.program;
  }

  close(): void {
    this.tree?.delete();
    this.repaired?.delete();
    this.tree = this.repaired = undefined;
    this.program = undefined;
    this.known = new Map();
  }

  /** Nothing when the text would take too long: what is given up depends on the text alone, not on the clock. */
  private parse(text: string, old: Tree | undefined): Tree | undefined {
    const { engine } = this.grammar;
    let steps = 0;
    const progressCallback = () => ++steps > MAX_STEPS;
    const tree =
      text.length > MAX_LENGTH
        ? null
        : engine.parse(index => text.slice(index, index + CHUNK), old, { progressCallback });
    if (!tree) engine.reset();
    return tree ?? undefined;
  }

  private giveUp(text: string): Program {
    this.close();
    const span = { start: 0, end: text.length };
    const body = [unsupportedStatement(span, 'the text is too long to be analysed')];
    const syntaxErrors = [
      { span: { start: 0, end: 0 }, message: 'This text is too long, or too far from code, to be analysed.' },
    ];
    this.text = text;
    this.program = { language: this.grammar.language, body, syntaxErrors, comments: [] };
    return this.program;
  }

  private copy(text: string, tree: Tree, originalOffset?: (offset: number) => number): Reading {
    const { types, syntax } = this.grammar;
    const runsOn = (start: number, end: number) => runsOnAt(text, start, end, syntax);
    return { tree, ...copyTree(tree, { types, text, known: this.known, originalOffset, runsOnAt: runsOn }) };
  }

  /**
   * The best reading of a text, and the tree of the text as it stands.
   *
   * Where an incremental parse finds its errors depends on what the text was before, and the same text must always give
   * the same program. So only what the text alone shows is mended on the tree at hand; if that does not settle it, the
   * text is parsed from nothing and the repair decides by the errors of that tree.
   */
  private read(text: string, tree: Tree, isFresh: boolean): BestReading {
    const first = this.copy(text, tree);
    if (first.errors.length === 0) return { ...first, base: tree };
    const mended = this.mended(text, tree, obviousPatches(text, this.grammar.syntax));
    if (mended) return mended;

    const fresh = isFresh ? tree : (this.parse(text, undefined) ?? tree);
    const found = errorsIn(fresh, text, offset => offset, MAX_ERRORS);
    const { patches, errors } = repair(text, found, this.grammar.syntax, candidate =>
      this.errorsWith(text, fresh, candidate),
    );
    const settled = errors.length === 0 ? this.mended(text, tree, patches) : undefined;
    if (settled) {
      if (fresh !== tree) fresh.delete();
      return settled;
    }
    if (fresh !== tree) tree.delete();
    const final = patches.length > 0 ? this.patched(text, fresh, patches) : undefined;
    const reading = this.copy(text, final ?? fresh, final && originalOffsets(patches));
    return {
      ...reading,
      errors: inTextOrder([...(final ? repairFaults(text, patches) : []), ...reading.errors]),
      base: fresh,
    };
  }

  /** The reading with these patches if they leave no error at all. */
  private mended(text: string, tree: Tree, patches: readonly Patch[]): BestReading | undefined {
    const result = patches.length > 0 ? this.patched(text, tree, patches) : undefined;
    const reading = result?.rootNode.hasError === false ? this.copy(text, result, originalOffsets(patches)) : undefined;
    if (reading?.errors.length === 0) return { ...reading, errors: repairFaults(text, patches), base: tree };
    result?.delete();
    return undefined;
  }

  private errorsWith(text: string, tree: Tree, patches: readonly Patch[]): readonly SyntaxFault[] | undefined {
    const result = this.patched(text, tree, patches);
    const errors = result && errorsIn(result, text, originalOffsets(patches), MAX_ERRORS);
    result?.delete();
    return errors;
  }

  /** The tree of the text with `patches`, parsed as an edit of the tree without: almost all of it is shared. */
  private patched(text: string, tree: Tree, patches: readonly Patch[]): Tree | undefined {
    const copy = tree.copy();
    for (const edit of patchEdits(text, patches)) copy.edit(edit);
    const result = this.parse(patched(text, patches), copy);
    copy.delete();
    return result;
  }
}

interface Reading extends SyntaxTree {
  readonly tree: Tree;
}

interface BestReading extends Reading {
  /** The tree of the text as it stands, to be edited next time. */
  readonly base: Tree;
}

const inTextOrder = (errors: readonly SyntaxFault[]) => [...errors].sort((a, b) => a.span.start - b.span.start);

/** A data set in disguise; nobody edits such a text by hand. */
const MAX_LENGTH = 4_000_000;

/** Tree-sitter asks after every hundred or so of its operations: a megabyte of code takes some 20,000. */
const MAX_STEPS = 30_000;

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
  while (
    same < shorter - start &&
    before.charCodeAt(before.length - 1 - same) === after.charCodeAt(after.length - 1 - same)
  )
    same++;
  const oldEndIndex = before.length - same;
  const newEndIndex = after.length - same;
  return new Edit({
    startIndex: start,
    oldEndIndex,
    newEndIndex,
    startPosition: pointAt(before, start),
    oldEndPosition: pointAt(before, oldEndIndex),
    newEndPosition: pointAt(after, newEndIndex),
  });
}

/** From the last patch to the first, so that the offsets of those before stay what they were. */
function patchEdits(text: string, patches: readonly Patch[]): readonly Edit[] {
  return [...patches].reverse().map(({ at, mask = '', insert = '' }) => {
    const oldEndIndex = at + mask.length;
    const newEndIndex = oldEndIndex + insert.length;
    const oldEndPosition = pointAt(text, oldEndIndex);
    return new Edit({
      startIndex: at,
      oldEndIndex,
      newEndIndex,
      startPosition: pointAt(text, at),
      oldEndPosition,
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
