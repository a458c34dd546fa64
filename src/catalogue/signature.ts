/**
 * Argument lists written as one line: positional names with their defaults, which are JSON. `learning_rate=0.001
 * name=null`.
 */
import type { ConfigValue } from '../ir/model';
import type { ArgumentSpec } from './spec';

export function parseSignature(text: string): ArgumentSpec[] {
  return text
    .split(' ')
    .filter(part => part !== '')
    .map(part => {
      const at = part.indexOf('=');
      const kind = { kind: 'any' } as const;
      return at < 0
        ? { name: part, kind }
        : { name: part.slice(0, at), kind, defaultValue: JSON.parse(part.slice(at + 1)) as ConfigValue };
    });
}
