/**
 * A compact print of a `Program` for tests: one line a statement, source-like but with everything spelled out that a
 * reader of the source would have to know, such as which way operators group.
 */
import type { Argument, DictEntry, Expression, Parameter, Program, Statement } from '../../../src/ir/program';

export function print(program: Program): string {
  return program.body.flatMap(statement => lines(statement)).join('\n');
}

export function lines(statement: Statement): string[] {
  const s = statement;
  switch (s.kind) {
    case 'expression':
      return [expression(s.value)];
    case 'assign':
      return [
        `${s.targets.map(expression).join(' = ')}${s.annotation ? `: ${expression(s.annotation)}` : ''}${s.value ? ` = ${expression(s.value)}` : ''}`,
      ];
    case 'augmented-assign':
      return [`${expression(s.target)} ${s.operator}= ${expression(s.value)}`];
    case 'declare':
      return [
        `${s.exported ? 'export ' : ''}${s.scope} ${expression(s.target)}${s.value ? ` = ${expression(s.value)}` : ''}`,
      ];
    case 'if':
      return [`if ${expression(s.test)}:`, ...block(s.body), ...clause('else:', s.orElse)];
    case 'for':
      return [
        `for ${expression(s.target)} ${s.over === 'keys' ? 'keys-of' : 'in'} ${expression(s.iterable)}:`,
        ...block(s.body),
        ...clause('else:', s.orElse),
      ];
    case 'while':
      return [
        `${s.testAfterBody ? 'do-while' : 'while'} ${expression(s.test)}${s.update ? `; ${expression(s.update)}` : ''}:`,
        ...block(s.body),
        ...clause('else:', s.orElse),
      ];
    case 'function':
      return [
        ...s.decorators.map(each => `@${expression(each)}`),
        `${s.exported ? 'export ' : ''}${s.isAsync ? 'async ' : ''}def${s.isGenerator ? '*' : ''} ${s.name}(${parameters(s.parameters)}):`,
        ...block(s.body),
      ];
    case 'class':
      return [
        ...s.decorators.map(each => `@${expression(each)}`),
        `${s.exported ? 'export ' : ''}class ${s.name}(${args(s.bases)})${s.staticNames.length ? ` static ${s.staticNames.join(', ')}` : ''}:`,
        ...block(s.body),
      ];
    case 'return':
      return [`return${s.value ? ` ${expression(s.value)}` : ''}`];
    case 'break':
    case 'continue':
      return [s.kind];
    case 'import':
      return [`import ${s.module}${s.alias ? ` as ${s.alias}` : ''}`];
    case 'import-from':
      return [
        `from ${'.'.repeat(s.level)}${s.module} import ${s.names.map(({ name, alias }) => (alias ? `${name} as ${alias}` : name)).join(', ')}`,
      ];
    case 'raise':
      return [`raise${s.value ? ` ${expression(s.value)}` : ''}`];
    case 'try':
      return [
        'try:',
        ...block(s.body),
        ...s.handlers.flatMap(({ name, type, body }) => [
          `except${type ? ` ${expression(type)}` : ''}${name ? ` as ${name}` : ''}:`,
          ...block(body),
        ]),
        ...clause('else:', s.orElse),
        ...clause('finally:', s.finalBody),
      ];
    case 'with':
      return [
        `with ${s.items
          .map(({ context, target }) => `${expression(context)}${target ? ` as ${expression(target)}` : ''}`)
          .join(', ')}:`,
        ...block(s.body),
      ];
    case 'delete':
      return [`del ${s.targets.map(expression).join(', ')}`];
    case 'scope-declaration':
      return [`${s.scope} ${s.names.join(', ')}`];
    case 'match':
      return [
        `${s.fallsThrough ? 'switch' : 'match'} ${expression(s.subject)}:`,
        ...s.cases.flatMap(({ test, guard, body }) =>
          indent([`case ${test ? expression(test) : '_'}${guard ? ` if ${expression(guard)}` : ''}:`, ...block(body)]),
        ),
      ];
    case 'block':
      return ['block:', ...block(s.body)];
    case 'unsupported-statement':
      return [`<${s.why}>`];
  }
}

function indent(inner: readonly string[]): string[] {
  return inner.map(line => `  ${line}`);
}

function block(statements: readonly Statement[]): string[] {
  return indent(statements.length ? statements.flatMap(lines) : ['pass']);
}

function clause(head: string, statements: readonly Statement[]): string[] {
  return statements.length ? [head, ...block(statements)] : [];
}

export function expression(e: Expression): string {
  switch (e.kind) {
    case 'name':
      return e.name;
    case 'number':
      return e.isInteger || !Number.isInteger(e.value) || Math.abs(e.value) >= 1e21 ? String(e.value) : `${e.value}.0`;
    case 'string':
      return `${e.isBytes ? 'b' : ''}${JSON.stringify(e.value)}`;
    case 'boolean':
      return e.value ? 'True' : 'False';
    case 'none':
      return e.spelled === 'ellipsis' ? '...' : e.spelled;
    case 'format-string':
      return `f[${e.parts
        .map(part =>
          typeof part === 'string'
            ? JSON.stringify(part)
            : `{${expression(part.value)}${part.conversion ? `!${part.conversion}` : ''}${part.format === undefined ? '' : `:${part.format}`}}`,
        )
        .join(' ')}]`;
    case 'list':
      return `[${list(e.items)}]`;
    case 'tuple':
      return `(${list(e.items)}${e.items.length === 1 ? ',' : ''})`;
    case 'set':
      return `set{${list(e.items)}}`;
    case 'dict':
      return `{${e.entries.map(entry).join(', ')}}`;
    case 'attribute':
      return `${expression(e.object)}${e.optional ? '?.' : '.'}${e.name}`;
    case 'subscript':
      return `${expression(e.object)}${e.optional ? '?.' : ''}[${list(e.indices)}${e.isTuple && e.indices.length < 2 ? ',' : ''}]`;
    case 'slice':
      return `${e.lower ? expression(e.lower) : ''}:${e.upper ? expression(e.upper) : ''}${e.step ? `:${expression(e.step)}` : ''}`;
    case 'call':
      return `${e.isNew ? 'new ' : ''}${expression(e.callee)}${e.optional ? '?.' : ''}(${args(e.args)})`;
    case 'unary':
      return `(${e.operator}${/\w/.test(e.operator) ? ' ' : ''}${expression(e.operand)})`;
    case 'binary':
    case 'logical':
      return `(${expression(e.left)} ${e.operator} ${expression(e.right)})`;
    case 'compare':
      return `(${e.operands.map((operand, i) => (i ? `${e.operators[i - 1]} ` : '') + expression(operand)).join(' ')})`;
    case 'conditional':
      return `(${expression(e.test)} ? ${expression(e.whenTrue)} : ${expression(e.whenFalse)})`;
    case 'function-expression': {
      const head = `${e.isAsync ? 'async ' : ''}fn${e.isGenerator ? '*' : ''}${e.name ? ` ${e.name}` : ''}(${parameters(e.parameters)})`;
      return `${head}{${e.body.flatMap(lines).join('; ')}}`;
    }
    case 'class-expression':
      return `<${lines(e.definition).join('; ')}>`;
    case 'comprehension': {
      const clauses = e.clauses
        .map(
          ({ target, iterable, conditions }) =>
            ` for ${expression(target)} in ${expression(iterable)}${conditions.map(each => ` if ${expression(each)}`).join('')}`,
        )
        .join('');
      return `${e.result}(${e.key ? `${expression(e.key)}: ` : ''}${expression(e.value)}${clauses})`;
    }
    case 'spread':
      return `*${expression(e.value)}`;
    case 'await':
      return `await ${expression(e.value)}`;
    case 'yield':
      return `yield${e.from ? ' from' : ''}${e.value ? ` ${expression(e.value)}` : ''}`;
    case 'assign-expression':
      return `(${expression(e.target)} ${e.isDefault ? '?=' : ':='} ${expression(e.value)})`;
    case 'unsupported':
      return `<${e.why}>`;
  }
}

const list = (items: readonly Expression[]) => items.map(expression).join(', ');

function args(all: readonly Argument[]): string {
  return all
    .map(
      ({ name, value, unpack }) =>
        `${name ? `${name}=` : ''}${unpack === 'sequence' ? '*' : unpack === 'mapping' ? '**' : ''}${expression(value)}`,
    )
    .join(', ');
}

function entry(e: DictEntry): string {
  return e.kind === 'pair' ? `${expression(e.key)}: ${expression(e.value)}` : `**${expression(e.value)}`;
}

const SIGN = { plain: '', 'positional-only': '/', 'keyword-only': '$', rest: '*', 'keyword-rest': '**' };

function parameters(all: readonly Parameter[]): string {
  return all
    .map(
      ({ target, kind, defaultValue, annotation }) =>
        SIGN[kind] +
        expression(target) +
        (annotation ? `: ${expression(annotation)}` : '') +
        (defaultValue ? ` = ${expression(defaultValue)}` : ''),
    )
    .join(', ');
}
