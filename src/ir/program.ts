/**
 * The language-neutral program every front end produces: statements and expressions with their spans.
 *
 * It is the common ground of Python and JavaScript as far as model code needs it; what one language alone has is
 * lowered by its front end (a C-style `for` becomes `while`, `a?.b` an attribute with `optional`). A construct that a
 * front end cannot express becomes `unsupported` with the reason, never a guess: the evaluator then knows what it does
 * not know.
 */
import type { Span } from './span';

export type Language = 'python' | 'javascript' | 'typescript';

/** One parsed text. `syntaxErrors` never stop the rest: healthy statements keep their place in `body`. */
export interface Program {
  readonly language: Language;
  readonly body: readonly Statement[];
  readonly syntaxErrors: readonly SyntaxFault[];
  /** Comments in order: `# modelwright: ignore[...]` and type-less hints are read from them. */
  readonly comments: readonly Comment[];
}

export interface SyntaxFault {
  readonly span: Span;
  readonly message: string;
}

export interface Comment {
  readonly span: Span;
  /** Without the comment sign, trimmed. */
  readonly text: string;
}

// ---------------------------------------------------------------------------------------------------- statements

export type Statement =
  | ExpressionStatement
  | Assign
  | AugmentedAssign
  | Declare
  | If
  | For
  | While
  | FunctionDef
  | ClassDef
  | Return
  | Break
  | Continue
  | Import
  | ImportFrom
  | Raise
  | Try
  | With
  | Delete
  | ScopeDeclaration
  | Match
  | Block
  | UnsupportedStatement;

interface Node {
  readonly span: Span;
}

export interface ExpressionStatement extends Node {
  readonly kind: 'expression';
  readonly value: Expression;
}

/** `a = b = value`: several targets share one value. Python's annotated assignment without a value has no `value`. */
export interface Assign extends Node {
  readonly kind: 'assign';
  readonly targets: readonly Expression[];
  readonly value?: Expression;
  readonly annotation?: Expression;
}

export interface AugmentedAssign extends Node {
  readonly kind: 'augmented-assign';
  readonly operator: BinaryOperator;
  readonly target: Expression;
  readonly value: Expression;
}

/** JavaScript's `const`, `let` and `var`; the target may be a pattern. Exported declarations say so. */
export interface Declare extends Node {
  readonly kind: 'declare';
  readonly scope: 'const' | 'let' | 'var';
  readonly target: Expression;
  readonly value?: Expression;
  readonly exported: boolean;
}

export interface If extends Node {
  readonly kind: 'if';
  readonly test: Expression;
  readonly body: readonly Statement[];
  readonly orElse: readonly Statement[];
}

/** `for target in iterable` / `for (const target of iterable)`. `over: 'keys'` is JavaScript's `for … in`. */
export interface For extends Node {
  readonly kind: 'for';
  readonly target: Expression;
  readonly iterable: Expression;
  readonly over: 'values' | 'keys';
  /** JavaScript's `for (const x of …)`: the target is a new variable in every round. */
  readonly declares?: boolean;
  readonly body: readonly Statement[];
  /** Python's `else` of a loop: runs when the loop was not left by `break`. */
  readonly orElse: readonly Statement[];
}

/** Also C-style `for`: its initialiser stands before, its update in `update` (which `continue` must still run). */
export interface While extends Node {
  readonly kind: 'while';
  readonly test: Expression;
  readonly body: readonly Statement[];
  readonly update?: Expression;
  readonly testAfterBody: boolean;
  readonly orElse: readonly Statement[];
}

export interface FunctionDef extends Node {
  readonly kind: 'function';
  readonly name: string;
  readonly nameSpan: Span;
  readonly parameters: readonly Parameter[];
  readonly body: readonly Statement[];
  readonly decorators: readonly Expression[];
  readonly isAsync: boolean;
  readonly isGenerator: boolean;
  readonly exported: boolean;
}

export interface Parameter extends Node {
  /** A name, or a pattern in JavaScript. */
  readonly target: Expression;
  readonly kind: 'plain' | 'positional-only' | 'keyword-only' | 'rest' | 'keyword-rest';
  readonly defaultValue?: Expression;
  readonly annotation?: Expression;
}

export interface ClassDef extends Node {
  readonly kind: 'class';
  readonly name: string;
  readonly nameSpan: Span;
  readonly bases: readonly Argument[];
  /** Methods and class-level statements, in order. Static members say so through `staticNames`. */
  readonly body: readonly Statement[];
  readonly staticNames: readonly string[];
  readonly decorators: readonly Expression[];
  readonly exported: boolean;
}

export interface Return extends Node {
  readonly kind: 'return';
  readonly value?: Expression;
}
export interface Break extends Node {
  readonly kind: 'break';
}
export interface Continue extends Node {
  readonly kind: 'continue';
}

/** `import a.b as c`; JavaScript's `import * as c from 'a'` is the same thing. */
export interface Import extends Node {
  readonly kind: 'import';
  readonly module: string;
  /** The local name; Python's `import a.b` without `as` binds `a`. */
  readonly alias?: string;
}

/** `from a import b as c`, `import {b as c} from 'a'`,
  `import c from 'a'` (name `default`). `*` is a name of its own. */
export interface ImportFrom extends Node {
  readonly kind: 'import-from';
  readonly module: string;
  /** Leading dots of a relative Python import. */
  readonly level: number;
  readonly names: readonly { readonly name: string; readonly alias?: string; readonly span: Span }[];
}

export interface Raise extends Node {
  readonly kind: 'raise';
  readonly value?: Expression;
}

export interface Try extends Node {
  readonly kind: 'try';
  readonly body: readonly Statement[];
  readonly handlers: readonly {
    readonly name?: string;
    readonly type?: Expression;
    readonly body: readonly Statement[];
  }[];
  readonly orElse: readonly Statement[];
  readonly finalBody: readonly Statement[];
}

export interface With extends Node {
  readonly kind: 'with';
  readonly items: readonly { readonly context: Expression; readonly target?: Expression }[];
  readonly body: readonly Statement[];
}

export interface Delete extends Node {
  readonly kind: 'delete';
  readonly targets: readonly Expression[];
}

/** Python's `global` and `nonlocal`. */
export interface ScopeDeclaration extends Node {
  readonly kind: 'scope-declaration';
  readonly scope: 'global' | 'nonlocal';
  readonly names: readonly string[];
}

/** Python's `match` and JavaScript's `switch` (`fallsThrough`); a case without `test` is the default. */
export interface Match extends Node {
  readonly kind: 'match';
  readonly subject: Expression;
  readonly cases: readonly {
    readonly test?: Expression;
    readonly guard?: Expression;
    readonly body: readonly Statement[];
  }[];
  readonly fallsThrough: boolean;
}

export interface Block extends Node {
  readonly kind: 'block';
  readonly body: readonly Statement[];
}
export interface UnsupportedStatement extends Node {
  readonly kind: 'unsupported-statement';
  readonly why: string;
}

// --------------------------------------------------------------------------------------------------- expressions

export type Expression =
  | Name
  | NumberLiteral
  | StringLiteral
  | BooleanLiteral
  | NoneLiteral
  | FormatString
  | Sequence
  | DictLiteral
  | Attribute
  | Subscript
  | Slice
  | Call
  | Unary
  | Binary
  | Compare
  | Logical
  | Conditional
  | FunctionExpression
  | ClassExpression
  | Comprehension
  | Spread
  | Await
  | Yield
  | AssignExpression
  | UnsupportedExpression;

export interface Name extends Node {
  readonly kind: 'name';
  readonly name: string;
}

/** `isInteger` is Python's distinction `2` / `2.0`; JavaScript's numbers are integers when their value is. */
export interface NumberLiteral extends Node {
  readonly kind: 'number';
  readonly value: number;
  readonly isInteger: boolean;
}
export interface StringLiteral extends Node {
  readonly kind: 'string';
  readonly value: string;
  readonly isBytes?: boolean;
}
export interface BooleanLiteral extends Node {
  readonly kind: 'boolean';
  readonly value: boolean;
}

/** Python's `None`, JavaScript's `null` and `undefined`; `...` is `ellipsis`. */
export interface NoneLiteral extends Node {
  readonly kind: 'none';
  readonly spelled: 'None' | 'null' | 'undefined' | 'ellipsis';
}

/** f-string or template string: literal text and expressions in turn. */
export interface FormatString extends Node {
  readonly kind: 'format-string';
  readonly parts: readonly (
    string | { readonly value: Expression; readonly format?: string; readonly conversion?: string }
  )[];
}

/** `[a, b]`, `(a, b)`, `{a, b}`; items may be `Spread`. As an assignment target it is a pattern. */
export interface Sequence extends Node {
  readonly kind: 'list' | 'tuple' | 'set';
  readonly items: readonly Expression[];
}

/** `{k: v, **rest}` / `{k: v, ...rest}`; as a JavaScript target it is an object pattern. */
export interface DictLiteral extends Node {
  readonly kind: 'dict';
  readonly entries: readonly DictEntry[];
}

export type DictEntry =
  | { readonly kind: 'pair'; readonly key: Expression; readonly value: Expression; readonly span: Span }
  | { readonly kind: 'spread'; readonly value: Expression; readonly span: Span };

export interface Attribute extends Node {
  readonly kind: 'attribute';
  readonly object: Expression;
  readonly name: string;
  readonly nameSpan: Span;
  readonly optional: boolean;
}

/** `object[i, j:k]`: several comma-separated indices are several entries, as Python hands a tuple over. */
export interface Subscript extends Node {
  readonly kind: 'subscript';
  readonly object: Expression;
  readonly indices: readonly Expression[];
  /** True for `x[(1, 2)]` and `x[1, 2]` alike: Python does not tell them apart. */
  readonly isTuple: boolean;
  readonly optional: boolean;
}

export interface Slice extends Node {
  readonly kind: 'slice';
  readonly lower?: Expression;
  readonly upper?: Expression;
  readonly step?: Expression;
}

export interface Call extends Node {
  readonly kind: 'call';
  readonly callee: Expression;
  readonly args: readonly Argument[];
  /** The brackets with what is in them: where a quick fix adds an argument. */
  readonly argsSpan: Span;
  readonly isNew: boolean;
  readonly optional: boolean;
}

export interface Argument extends Node {
  /** Absent for a positional argument. */
  readonly name?: string;
  readonly nameSpan?: Span;
  readonly value: Expression;
  /** `*args` / `...args`, `**kwargs`. */
  readonly unpack?: 'sequence' | 'mapping';
}

export interface Unary extends Node {
  readonly kind: 'unary';
  readonly operator: '-' | '+' | '~' | 'not' | 'typeof' | 'void';
  readonly operand: Expression;
}

export type BinaryOperator = '+' | '-' | '*' | '/' | '//' | '%' | '**' | '@' | '<<' | '>>' | '>>>' | '&' | '|' | '^';

export interface Binary extends Node {
  readonly kind: 'binary';
  readonly operator: BinaryOperator;
  readonly left: Expression;
  readonly right: Expression;
}

export type CompareOperator =
  '==' | '!=' | '===' | '!==' | '<' | '<=' | '>' | '>=' | 'is' | 'is not' | 'in' | 'not in' | 'instanceof';

/** `a < b <= c` is one node with two operators. */
export interface Compare extends Node {
  readonly kind: 'compare';
  readonly operands: readonly Expression[];
  readonly operators: readonly CompareOperator[];
}

export interface Logical extends Node {
  readonly kind: 'logical';
  readonly operator: 'and' | 'or' | '??';
  readonly left: Expression;
  readonly right: Expression;
}

export interface Conditional extends Node {
  readonly kind: 'conditional';
  readonly test: Expression;
  readonly whenTrue: Expression;
  readonly whenFalse: Expression;
}

/** `lambda`, arrow function, function expression: a lambda's body is one `return`. */
export interface FunctionExpression extends Node {
  readonly kind: 'function-expression';
  readonly name?: string;
  readonly parameters: readonly Parameter[];
  readonly body: readonly Statement[];
  readonly isAsync: boolean;
  readonly isGenerator: boolean;
}

export interface ClassExpression extends Node {
  readonly kind: 'class-expression';
  readonly definition: ClassDef;
}

export interface Comprehension extends Node {
  readonly kind: 'comprehension';
  readonly result: 'list' | 'set' | 'dict' | 'generator';
  readonly key?: Expression;
  readonly value: Expression;
  readonly clauses: readonly {
    readonly target: Expression;
    readonly iterable: Expression;
    readonly conditions: readonly Expression[];
  }[];
}

/** `*x` / `...x` inside a sequence or a pattern. */
export interface Spread extends Node {
  readonly kind: 'spread';
  readonly value: Expression;
}
export interface Await extends Node {
  readonly kind: 'await';
  readonly value: Expression;
}
export interface Yield extends Node {
  readonly kind: 'yield';
  readonly value?: Expression;
  readonly from: boolean;
}

/** Python's walrus, JavaScript's assignment used as an expression, `x++`, and a pattern's default (`{a = 1}`). */
export interface AssignExpression extends Node {
  readonly kind: 'assign-expression';
  readonly target: Expression;
  readonly value: Expression;
  readonly isDefault?: boolean;
}

export interface UnsupportedExpression extends Node {
  readonly kind: 'unsupported';
  readonly why: string;
}
