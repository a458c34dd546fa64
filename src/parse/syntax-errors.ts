/** What a person is told about a syntax error, and where the errors of a tree are, found without copying the tree. */
import type { Node, Tree } from 'web-tree-sitter';
import type { SyntaxFault } from '../ir/program';

const SHOWN = 24;

/** Code that fits nowhere. */
export function unreadable(text: string, start: number, end: number): SyntaxFault {
  const line =
    text
      .slice(start, end)
      .trim()
      .split(/\r\n?|\n/, 1)[0] ?? '';
  const shown = line.length > SHOWN ? `${line.slice(0, SHOWN)}…` : line;
  return {
    span: { start, end },
    message: shown ? `\`${shown}\` cannot be read as code here.` : 'Something is missing here.',
  };
}

/** A token that the parser put in. */
export function missing(at: number, what: string): SyntaxFault {
  return { span: { start: at, end: at }, message: `${what ? `\`${what}\`` : 'Something'} is missing here.` };
}

/** Only nodes with an error inside are entered, so the cost is that of the top level and of what is broken. */
export function errorsIn(
  tree: Tree,
  text: string,
  originalOffset: (offset: number) => number,
  limit: number,
): readonly SyntaxFault[] {
  const errors: SyntaxFault[] = [];
  const pending: Node[] = tree.rootNode.hasError ? [tree.rootNode] : [];
  for (let node = pending.pop(); node && errors.length < limit; node = pending.pop()) {
    const start = originalOffset(node.startIndex);
    if (node.isMissing) errors.push(missing(start, node.type));
    else if (node.isError) errors.push(unreadable(text, start, Math.max(start, originalOffset(node.endIndex))));
    for (const child of [...node.children].reverse()) if (child.hasError) pending.push(child);
  }
  return errors;
}
