/** JSON as people write it in an editor: comments and trailing commas become blanks,
  so that error positions stay right. */

/** Comments and trailing commas replaced by spaces of the same length; strings are left alone. */
export function withoutComments(text: string): string {
  const blank = (match: string): string => match.replace(/[^\n\r]/g, ' ');
  const plain = text
    .replace(/^\uFEFF/, ' ')
    .replace(/"(?:[^"\\\n]|\\.)*"|\/\/[^\n\r]*|\/\*[\s\S]*?\*\//g, m => (m.startsWith('"') ? m : blank(m)));
  return plain.replace(/"(?:[^"\\\n]|\\.)*"|,(?=\s*[}\]])/g, m => (m.startsWith('"') ? m : ' '));
}
