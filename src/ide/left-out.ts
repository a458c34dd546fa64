/** Which scripts are not looked at: what a tool has put together, nobody reads or mends by hand. */

/** JavaScript of more characters was bundled. */
export const LARGEST_SCRIPT = 500_000;

/** Some tens of thousands of characters in a handful of lines: nobody wrote that by hand. */
export function isMinified(text: string): boolean {
  if (text.length <= 20_000) return false;
  let lines = 1;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) lines++;
  return text.length / (lines + 1) > 1_000;
}

/** Why a script is left out, as the end of a sentence; undefined for one that is looked at. */
export function leftOutBecause(script: string): string | undefined {
  if (script.length > LARGEST_SCRIPT) return `it has ${Math.round(script.length / 1000)} kB, which looks like a bundle`;
  return isMinified(script) ? 'it is minified' : undefined;
}
