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

/** Longer texts with errors are generated or not code at all; repairing them would cost more than it saves. */
const MAX_LENGTH = 400_000;
const MAX_ROUNDS = 4;
/** A text with more errors is another language. */
export const MAX_ERRORS = 100;

/** What the text alone says is missing: brackets, quotes, colons, values. Nothing is parsed for it. */
export function obviousPatches(text: string, syntax: Syntax): readonly Patch[] {
  return text.length > MAX_LENGTH ? [] : patchesOf(text, { brackets: 'close', lines: new Map() }, syntax);
}

/**
 * The patches that leave the fewest errors, and those errors. `attempt` tells the errors of the text with patches;
 * undefined when that took too long.
 */
export function repair(
  text: string,
  found: readonly SyntaxFault[],
  syntax: Syntax,
  attempt: (patches: readonly Patch[]) => readonly SyntaxFault[] | undefined,
): { readonly patches: readonly Patch[]; readonly errors: readonly SyntaxFault[] } {
  let errors = found;
  let patches: readonly Patch[] = [];
  if (text.length > MAX_LENGTH || errors.length >= MAX_ERRORS) return { patches, errors };
  let kept: Mending = { brackets: 'as they are', lines: new Map() };

  const propose = (mending: Mending): boolean => {
    const candidate = patchesOf(text, mending, syntax);
    const left = candidate.length > 0 ? attempt(candidate) : undefined;
    if (!left || badness(left) >= badness(errors)) return false;
    errors = left;
    patches = candidate;
    kept = mending;
    return true;
  };

  propose({ ...kept, brackets: 'close' });
  if (errors.length > 0) propose({ ...kept, brackets: 'close eagerly' });
  const tried: Tried = new Map();
  for (let round = 0; round < MAX_ROUNDS && errors.length > 0; round++) {
    const lines = mendLines(text, errors, syntax, tried);
    if (lines.size === 0 || propose(withLines(kept, lines)) || lines.size === 1) continue;
    // One that makes it worse must not hold up the others, and one may mend what shows as an error on the next.
    for (const line of lines) if (hasErrorOn(text, errors, line[0])) propose(withLines(kept, [line]));
  }
  return { patches, errors };
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
function badness(errors: readonly SyntaxFault[]): number {
  return errors.reduce((sum, { span }) => sum + 20 + span.end - span.start, 0);
}

/** What a person is told about a text that was repaired: what is missing, where. */
export function repairFaults(text: string, patches: readonly Patch[]): readonly SyntaxFault[] {
  return patches.map(({ at, mask, insert }) => {
    const span = { start: at, end: at + (mask?.length ?? 0) };
    if (mask === undefined) return { span, message: missing(insert ?? '') };
    const source = text.slice(span.start, span.end).trim();
    return {
      span,
      message: source.length === 1 ? `This \`${source}\` closes nothing.` : 'This line cannot be read as code.',
    };
  });
}

function missing(insert: string): string {
  const shown = insert
    .replace(/_/g, '')
    .replace(/ pass$/, '')
    .trim();
  if (shown === '')
    return insert.includes('pass') ? 'An indented block is missing here.' : 'An expression or a name is missing here.';
  return `\`${shown}\` is missing here.`;
}
