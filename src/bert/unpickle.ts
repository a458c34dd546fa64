/**
 * Reads a Python pickle without running anything of it. A pickle is a program for a stack machine that may call any
 * function of Python; this machine knows the few constructors that a file of weights needs, by name, and refuses the
 * file at the first other one. Opcodes: Python's `Lib/pickletools.py`.
 */
import { CheckpointError } from './checkpoint-error';

/** A constructor that the pickle names. */
export interface Global {
  readonly module: string;
  readonly name: string;
}

export interface Unpickling {
  /** The file's name for messages. */
  readonly file: string;
  /** What a call of an allowed constructor gives; undefined: the constructor is not allowed. */
  construct(of: Global, args: readonly unknown[]): unknown;
  /** Whether the pickle may name it at all. */
  allows(of: Global): boolean;
  /** What a persistent id stands for; torch's storages come so. */
  persistent(id: unknown): unknown;
}

const MARK = Symbol('mark');

/** Nothing of a weights file is deeper or longer than this. */
const MOST_MEMO = 10_000_000;

/**
 * Runs one pickle from `offset`. Tuples and lists become arrays, dictionaries `Map`s, integers numbers.
 * @returns the value and where the pickle ended
 * @throws CheckpointError for a constructor that is not allowed, and for a damaged file
 */
export function unpickle(bytes: Uint8Array, offset: number, context: Unpickling): { value: unknown; end: number } {
  return new Machine(bytes, offset, context).run();
}

class Machine {
  private readonly view: DataView;
  private stack: unknown[] = [];
  private readonly memo = new Map<number, unknown>();
  private readonly globals = new WeakSet<object>();

  constructor(
    private readonly bytes: Uint8Array,
    private at: number,
    private readonly context: Unpickling,
  ) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  run(): { value: unknown; end: number } {
    try {
      for (;;) {
        const op = this.bytes[this.at++];
        if (op === undefined) throw this.damaged('it is cut off');
        if (op === 0x2e) return { value: this.pop(), end: this.at }; // STOP
        this.step(op);
      }
    } catch (error) {
      if (error instanceof RangeError) throw this.damaged('it is cut off');
      throw error;
    }
  }

  private step(op: number): void {
    const { stack } = this;
    switch (String.fromCharCode(op)) {
      case '\x80': // PROTO
        this.at += 1;
        return;
      case '\x95': // FRAME
        this.at += 8;
        return;
      case '(':
        stack.push(MARK);
        return;
      case '0':
        this.pop();
        return;
      case 'N':
        stack.push(null);
        return;
      case '\x88':
        stack.push(true);
        return;
      case '\x89':
        stack.push(false);
        return;
      case 'K':
        stack.push(this.byte());
        return;
      case 'M':
        stack.push(this.view.getUint16(this.move(2), true));
        return;
      case 'J':
        stack.push(this.view.getInt32(this.move(4), true));
        return;
      case '\x8a': // LONG1
        stack.push(this.long(this.byte()));
        return;
      case 'G':
        stack.push(this.view.getFloat64(this.move(8), false));
        return;
      case 'X': // BINUNICODE
        stack.push(this.text(this.view.getUint32(this.move(4), true)));
        return;
      case '\x8c': // SHORT_BINUNICODE
        stack.push(this.text(this.byte()));
        return;
      case 'U': // SHORT_BINSTRING
        stack.push(this.text(this.byte()));
        return;
      case ')':
      case ']':
        stack.push([]);
        return;
      case '}':
        stack.push(new Map());
        return;
      case 't':
      case 'l':
        stack.push(this.toMark());
        return;
      case '\x85':
        stack.push(this.take(1));
        return;
      case '\x86':
        stack.push(this.take(2));
        return;
      case '\x87':
        stack.push(this.take(3));
        return;
      case 'a': // APPEND
      case 'e': // APPENDS
        this.append(String.fromCharCode(op) === 'a' ? this.take(1) : this.toMark());
        return;
      case 's': // SETITEM
      case 'u': // SETITEMS
        this.setItems(String.fromCharCode(op) === 's' ? this.take(2) : this.toMark());
        return;
      case 'q':
        this.remember(this.byte());
        return;
      case 'r':
        this.remember(this.view.getUint32(this.move(4), true));
        return;
      case '\x94': // MEMOIZE
        this.remember(this.memo.size);
        return;
      case 'h':
        stack.push(this.recall(this.byte()));
        return;
      case 'j':
        stack.push(this.recall(this.view.getUint32(this.move(4), true)));
        return;
      case 'c': // GLOBAL
        this.global({ module: this.line(), name: this.line() });
        return;
      case '\x93': {
        // STACK_GLOBAL
        const [module, name] = this.take(2);
        this.global({ module: String(module), name: String(name) });
        return;
      }
      case 'R': // REDUCE
        this.call();
        return;
      case 'b': // BUILD: the state of an object; a dictionary of weights has none that matters.
        this.pop();
        return;
      case 'Q': // BINPERSID
        stack.push(this.context.persistent(this.pop()));
        return;
      default:
        throw this.damaged(`it has the opcode 0x${op.toString(16)}, which files of weights do not use`);
    }
  }

  private global(of: Global): void {
    if (!this.context.allows(of)) throw this.refused(of);
    this.globals.add(of);
    this.stack.push(of);
  }

  private call(): void {
    const [callable, args] = this.take(2);
    if (typeof callable !== 'object' || callable === null || !this.globals.has(callable) || !Array.isArray(args)) {
      throw this.damaged('it calls what is no constructor');
    }
    const made = this.context.construct(callable as Global, args);
    if (made === undefined) throw this.refused(callable as Global);
    this.stack.push(made);
  }

  private refused({ module, name }: Global): CheckpointError {
    return new CheckpointError(
      `${this.context.file} was refused: it wants to call "${module}.${name}", which loading weights does not need; ` +
        'nothing of it was run.',
      'Do not open this file elsewhere unless you trust it; take a checkpoint with model.safetensors.',
    );
  }

  private append(items: unknown[]): void {
    const list = this.stack.at(-1);
    if (!Array.isArray(list)) throw this.damaged('it appends to what is no list');
    for (const item of items) list.push(item);
  }

  private setItems(items: unknown[]): void {
    const map = this.stack.at(-1);
    if (!(map instanceof Map) || items.length % 2 !== 0) throw this.damaged('it sets items of what is no dictionary');
    for (let i = 0; i < items.length; i += 2) map.set(items[i], items[i + 1]);
  }

  private remember(key: number): void {
    if (this.memo.size > MOST_MEMO || this.stack.length === 0) throw this.damaged('its memory does not add up');
    this.memo.set(key, this.stack.at(-1));
  }

  private recall(key: number): unknown {
    if (!this.memo.has(key)) throw this.damaged('it recalls what it never made');
    return this.memo.get(key);
  }

  private pop(): unknown {
    if (this.stack.length === 0) throw this.damaged('its stack is empty');
    return this.stack.pop();
  }

  private take(n: number): unknown[] {
    if (this.stack.length < n) throw this.damaged('its stack is empty');
    return this.stack.splice(this.stack.length - n, n);
  }

  private toMark(): unknown[] {
    const mark = this.stack.lastIndexOf(MARK);
    if (mark < 0) throw this.damaged('a mark is missing');
    const items = this.stack.splice(mark + 1);
    this.stack.pop();
    return items;
  }

  private move(n: number): number {
    const from = this.at;
    this.at += n;
    return from;
  }

  private byte(): number {
    return this.view.getUint8(this.move(1));
  }

  private text(length: number): string {
    const from = this.move(length);
    if (this.at > this.bytes.length) throw this.damaged('it is cut off');
    return Buffer.from(this.bytes.buffer, this.bytes.byteOffset + from, length).toString('utf8');
  }

  private line(): string {
    const end = this.bytes.indexOf(0x0a, this.at);
    if (end < 0) throw this.damaged('it is cut off');
    const text = this.text(end - this.at);
    this.at += 1;
    return text;
  }

  /** A little-endian two's-complement integer; torch's magic numbers exceed what a number holds exactly. */
  private long(length: number): number | bigint {
    let value = 0n;
    for (let i = 0; i < length; i++) value |= BigInt(this.byte()) << BigInt(8 * i);
    const signed = BigInt.asIntN(8 * length, value);
    const small = Number(signed);
    return Number.isSafeInteger(small) ? small : signed;
  }

  private damaged(problem: string): CheckpointError {
    return new CheckpointError(
      `${this.context.file} cannot be read: ${problem} (byte ${this.at}).`,
      'Download it again, or take a checkpoint with model.safetensors.',
    );
  }
}
