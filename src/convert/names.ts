/** Names in the code that is written: identifiers that no language forbids, each once. */
import { camelName, snakeName } from '../catalogue';
import type { Syntax } from './code';

/** Words of either language, and what the written code itself uses. */
const TAKEN = new Set(
  (
    'and as assert async await break case catch class const continue debugger def default del delete do elif else enum ' +
    'except export extends false finally for from function global if import in instanceof is lambda let match new ' +
    'nonlocal not null or pass raise return static super switch this throw true try typeof undefined var void while ' +
    'with yield None True False keras layers tf print input eval arguments'
  ).split(' '),
);

export class Names {
  private readonly taken = new Set(TAKEN);

  constructor(private readonly syntax: Syntax) {}

  /** An identifier for this wish (a variable, a layer's name, a class), in the language's own spelling. */
  of(wish: string): string {
    const base = this.spelt(wish);
    let name = base;
    for (let n = 1; this.taken.has(name); n++) name = this.syntax === 'python' ? `${base}_${n}` : `${base}${n}`;
    this.taken.add(name);
    return name;
  }

  private spelt(wish: string): string {
    const plain = wish.replace(/[^A-Za-z0-9_]+/g, '_').replace(/^_+|_+$/g, '');
    const snake = /[a-z][A-Z]|^[A-Z]/.test(plain) ? snakeName(plain) : plain;
    const word = this.syntax === 'python' ? snake.replace(/_{2,}/g, '_') : camelName(snake);
    return /^[A-Za-z]/.test(word) ? word : this.syntax === 'python' ? `layer_${word}` : `layer${word}`;
  }
}
