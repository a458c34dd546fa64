/**
 * Makes the healthy part of a text with syntax errors readable. Tree-sitter recovers by itself, but an unclosed bracket
 * can swallow the rest of the file; closing it where the indentation says so saves every other statement.
 *
 * Never run on a valid text, and a repair is kept only if it leaves fewer errors than there were.
 */
import type { SyntaxFault } from '../ir/program';
import { closeBrackets } from './repair/brackets';
import { hasErrorOn, mendLines, type Tried } from './repair/lines';
import { inOrder, patched, type Patch } from './repair/patch';
import type { Syntax } from './repair/syntax';

export { JAVASCRIPT_SYNTAX, PYTHON_SYNTAX, type Syntax } from './repair/syntax';

/** A tree for the text with `patches`, and the errors left in it, with offsets of the original text. */
export interface Attempt {
  readonly errors: readonly SyntaxFault[];
}

/** Longer texts with errors are generated or not code at all; repairing them would cost more than it saves. */
const MAX_LENGTH = 400_000;
const MAX_ROUNDS = 4;
/** A text with more errors is another language. */
const MAX_ERRORS = 100;

/**
 * The patches that leave the fewest errors. `attempt` parses the text with patches; every attempt that is not the best
 * in the end is given to `drop`. An attempt that took too long is nothing.
 *
 * Where an incremental parse finds its errors depends on what the text was before. The brackets depend on the text
 * alone, so they are tried first, on the tree at hand; if that does not settle it, `afresh` parses from nothing, and the
 * outcome is again the same for the same text.
 */
export function repair<T extends Attempt>(
  text: string, syntax: Syntax, attempt: (patches: readonly Patch[]) => T | undefined, afresh: () => T, drop: (rejected: T) => void,
): { readonly best: T; readonly patches: readonly Patch[] } {
  let patches: readonly Patch[] = [];
  if (text.length <= MAX_LENGTH) {
    const closed = patchesOf(text, { brackets: 'close', lines: new Map() }, syntax);
    const result = closed.length > 0 ? attempt(closed) : undefined;
    if (result?.errors.length === 0) return { best: result, patches: closed };
    if (result) drop(result);
  }
  const fresh = afresh();
  let best = fresh;
  if (text.length > MAX_LENGTH || fresh.errors.length > MAX_ERRORS) return { best, patches };
  let kept: Mending = { brackets: 'as they are', lines: new Map() };

  const propose = (mending: Mending): boolean => {
    const candidate = patchesOf(text, mending, syntax);
    if (candidate.length === 0) return false;
    const result = attempt(candidate);
    if (!result || badness(result) >= badness(best)) {
      if (result) drop(result);
      return false;
    }
    if (best !== fresh) drop(best);
    best = result;
    patches = candidate;
    kept = mending;
    return true;
  };

  propose({ ...kept, brackets: 'close' });
  if (best.errors.length > 0) propose({ ...kept, brackets: 'close eagerly' });
  const tried: Tried = new Map();
  for (let round = 0; round < MAX_ROUNDS && best.errors.length > 0; round++) {
    const lines = mendLines(text, best.errors, syntax, tried);
    if (lines.size === 0 || propose(withLines(kept, lines)) || lines.size === 1) continue;
    // One that makes it worse must not hold up the others, and one may mend what shows as an error on the next.
    for (const line of lines) if (hasErrorOn(text, best.errors, line[0])) propose(withLines(kept, [line]));
  }
  return { best, patches };
}

/** What is done about a text: line by line, and about the brackets in what remains. */
interface Mending {
  readonly brackets: 'as they are' | 'close' | 'close eagerly';
  readonly lines: ReadonlyMap<number, Patch>;
}

function withLines(mending: Mending, lines: Iterable<readonly [number, Patch]>): Mending {
  return { ...mending, lines: new Map([...mending.lines, ...lines]) };
}

/** Brackets are counted without the lines that are left out. */
function patchesOf(text: string, { brackets, lines }: Mending, syntax: Syntax): readonly Patch[] {
  const mended = [...lines.values()];
  if (brackets === 'as they are') return inOrder(mended);
  const masks = inOrder(mended).flatMap(({ at, mask }) => (mask === undefined ? [] : [{ at, mask }]));
  return inOrder([...closeBrackets(patched(text, masks), syntax, brackets === 'close eagerly'), ...mended]);
}

/** Every error counts, and what it swallowed counts too. */
function badness({ errors }: Attempt): number {
  return errors.reduce((sum, { span }) => sum + 20 + span.end - span.start, 0);
}

/** What a person is told about a text that was repaired: what is missing, where. */
export function repairFaults(text: string, patches: readonly Patch[]): readonly SyntaxFault[] {
  return patches.map(({ at, mask, insert }) => {
    const span = { start: at, end: at + (mask?.length ?? 0) };
    if (mask === undefined) return { span, message: missing(insert ?? '') };
    const source = text.slice(span.start, span.end).trim();
    return { span, message: source.length === 1 ? `This \`${source}\` closes nothing.` : 'This line cannot be read as code.' };
  });
}

function missing(insert: string): string {
  const shown = insert.replace(/_/g, '').replace(/ pass$/, '').trim();
  if (shown === '') return insert.includes('pass') ? 'An indented block is missing here.' : 'An expression or a name is missing here.';
  return `\`${shown}\` is missing here.`;
}
