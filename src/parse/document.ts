/**
 * One text while it is edited. The last tree is kept, told of the edit, and parsed again; statements that the edit left
 * alone keep what they were lowered to, moved to their new place.
 */
import { Edit, type Parser, type Point, type Tree } from 'web-tree-sitter';
import type { Language, Program, SyntaxFault } from '../ir/program';
import { Lowering, unsupportedStatement, type LanguageRules } from './lowering';
import { MAX_ERRORS, obviousPatches, repair, repairFaults, type Syntax } from './repair';
import { runsOnAt } from './repair/brackets';
import { originalOffsets, patched, type Patch, touches } from './repair/patch';
import { type EditedRange, KnownStatements, type LoweredStatement } from './reuse';
import { errorsIn } from './syntax-errors';
import { copyTree, type NodeTypes, type SyntaxTree } from './syntax-tree';

/** A language ready to parse. One is enough for any number of documents. */
export interface Grammar {
  readonly language: Language;
  readonly rules: LanguageRules;
  readonly types: NodeTypes;
  readonly syntax: Syntax;
  readonly engine: Parser;
}

export interface SourceDocument {
  /**
   * The program of `text`: the same one whatever was there before. The programs of earlier texts are not to be read any
   * more: what they share with this one has moved.
   */
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
  private lowered: readonly LoweredStatement[] = [];
  private program: Program | undefined;
  private known: KnownStatements | undefined;

  constructor(private readonly grammar: Grammar) {}

  update(source: string): Program {
    const text = masked(source);
    if (this.program && text === this.text) return this.program;
    const old = this.tree;
    const edit = editedRange(this.text, text);
    old?.edit(editOf(edit, this.text, text));
    const tree = this.parse(text, old);
    if (!tree) return this.giveUp(text);
    this.known = new KnownStatements(this.lowered, edit);
    const reading = this.read(text, tree, old === undefined);
    const lowering = new Lowering(text, this.grammar.rules, reading.comments);
    const body = lowering.body(reading.root);
    old?.delete();
    if (reading.tree !== reading.base) reading.tree.delete();
    this.tree = reading.base;
    this.text = text;
    this.lowered = lowering.lowered();
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
    this.tree = undefined;
    this.program = undefined;
    this.lowered = [];
    this.text = '';
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

  private copy(text: string, tree: Tree, patches: readonly Patch[] = []): Reading {
    const { types, syntax } = this.grammar;
    const options = {
      types,
      text,
      known: this.known,
      originalOffset: patches.length > 0 ? originalOffsets(patches) : undefined,
      isRepaired: patches.length > 0 ? touches(patches) : undefined,
      runsOnAt: (start: number, end: number) => runsOnAt(text, start, end, syntax),
    };
    return { tree, ...copyTree(tree, options) };
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
    const reading = this.copy(text, final ?? fresh, final ? patches : []);
    return {
      ...reading,
      errors: bySpan([...(final ? repairFaults(text, patches) : []), ...reading.errors]),
      base: fresh,
    };
  }

  /** The reading with these patches if they leave no error at all. */
  private mended(text: string, tree: Tree, patches: readonly Patch[]): BestReading | undefined {
    const result = patches.length > 0 ? this.patched(text, tree, patches) : undefined;
    const reading = result?.rootNode.hasError === false ? this.copy(text, result, patches) : undefined;
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

const bySpan = (errors: readonly SyntaxFault[]) => [...errors].sort((a, b) => a.span.start - b.span.start);

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

export function editedRange(before: string, after: string): EditedRange {
  const shorter = Math.min(before.length, after.length);
  let start = 0;
  // Comparing pieces first is far faster than comparing characters.
  while (start + PIECE <= shorter && before.slice(start, start + PIECE) === after.slice(start, start + PIECE))
    start += PIECE;
  while (start < shorter && before.charCodeAt(start) === after.charCodeAt(start)) start++;
  const rest = shorter - start;
  let same = 0;
  const piece = (text: string) => text.slice(text.length - same - PIECE, text.length - same);
  while (same + PIECE <= rest && piece(before) === piece(after)) same += PIECE;
  while (same < rest && before.charCodeAt(before.length - 1 - same) === after.charCodeAt(after.length - 1 - same))
    same++;
  return { start, oldEnd: before.length - same, newEnd: after.length - same };
}

const PIECE = 1024;

function editOf({ start, oldEnd, newEnd }: EditedRange, before: string, after: string): Edit {
  const startPosition = pointAt(before, start);
  return new Edit({
    startIndex: start,
    oldEndIndex: oldEnd,
    newEndIndex: newEnd,
    startPosition,
    oldEndPosition: pointAt(before, oldEnd, start, startPosition),
    newEndPosition: pointAt(after, newEnd, start, startPosition),
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

/** Counts from a place whose point is known. */
function pointAt(text: string, offset: number, from = 0, { row, column }: Point = { row: 0, column: 0 }): Point {
  let line = row;
  let lineStart = from - column;
  for (let at = text.indexOf('\n', from); at !== -1 && at < offset; at = text.indexOf('\n', at + 1)) {
    line++;
    lineStart = at + 1;
  }
  return { row: line, column: offset - lineStart };
}
