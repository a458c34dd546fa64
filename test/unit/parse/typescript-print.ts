/**
 * Prints what TypeScript's own parser reads in the format of `print.ts`. Where the common program has no node of its
 * own, the print follows what the front end lowers to: types vanish, a C-style `for` is a `while`, `x++` adds one.
 */
import ts from 'typescript';

const K = ts.SyntaxKind;

export function printTypeScript(source: string, fileName: string): string {
  const kind = /\.tsx$/.test(fileName)
    ? ts.ScriptKind.TSX
    : /\.m?ts$/.test(fileName)
      ? ts.ScriptKind.TS
      : ts.ScriptKind.JSX;
  const file = ts.createSourceFile(fileName, source, ts.ScriptTarget.Latest, true, kind);
  return statements(file.statements).join('\n');
}

const indent = (lines: readonly string[]) => lines.map(line => `  ${line}`);
const block = (lines: readonly string[]) => indent(lines.length ? lines : ['pass']);
const statements = (all: readonly ts.Statement[]): string[] => all.flatMap(statement);

/** The body of a loop or branch; braces around it make no block. */
const nested = (node: ts.Statement): string[] => (ts.isBlock(node) ? statements(node.statements) : statement(node));

function statement(node: ts.Statement): string[] {
  if (ts.isExpressionStatement(node)) return expressionStatement(node.expression);
  if (ts.isVariableStatement(node)) return isAmbient(node) ? [] : declarations(node.declarationList, isExported(node));
  if (ts.isFunctionDeclaration(node)) return functionDeclaration(node);
  if (ts.isClassDeclaration(node)) return classDeclaration(node);
  if (ts.isReturnStatement(node)) return [node.expression ? `return ${print(node.expression)}` : 'return'];
  if (ts.isIfStatement(node)) {
    const otherwise = node.elseStatement ? nested(node.elseStatement) : [];
    return [
      `if ${print(node.expression)}:`,
      ...block(nested(node.thenStatement)),
      ...(otherwise.length ? ['else:', ...indent(otherwise)] : []),
    ];
  }
  if (ts.isForStatement(node)) return forStatement(node);
  if (ts.isForOfStatement(node) || ts.isForInStatement(node)) {
    const target = ts.isVariableDeclarationList(node.initializer)
      ? binding(node.initializer.declarations[0]!.name)
      : print(node.initializer);
    return [
      `for ${target} ${ts.isForInStatement(node) ? 'keys-of' : 'in'} ${print(node.expression)}:`,
      ...block(nested(node.statement)),
    ];
  }
  if (ts.isWhileStatement(node)) return [`while ${print(node.expression)}:`, ...block(nested(node.statement))];
  if (ts.isDoStatement(node)) return [`do-while ${print(node.expression)}:`, ...block(nested(node.statement))];
  if (ts.isBreakStatement(node)) return [node.label ? '<a labelled `break`>' : 'break'];
  if (ts.isContinueStatement(node)) return [node.label ? '<a labelled `continue`>' : 'continue'];
  if (ts.isLabeledStatement(node)) return nested(node.statement);
  if (ts.isThrowStatement(node)) return [`raise ${print(node.expression)}`];
  if (ts.isBlock(node)) return ['block:', ...block(statements(node.statements))];
  if (ts.isSwitchStatement(node)) {
    const cases = node.caseBlock.clauses.flatMap(clause =>
      indent([
        `case ${ts.isCaseClause(clause) ? print(clause.expression) : '_'}:`,
        ...block(statements(clause.statements)),
      ]),
    );
    return [`switch ${print(node.expression)}:`, ...cases];
  }
  if (ts.isTryStatement(node)) return tryStatement(node);
  if (ts.isEnumDeclaration(node)) return isAmbient(node) ? [] : [enumDeclaration(node)];
  if (ts.isImportDeclaration(node)) return importDeclaration(node);
  if (ts.isImportEqualsDeclaration(node)) return importEquals(node);
  if (ts.isExportDeclaration(node)) return exportDeclaration(node);
  if (ts.isExportAssignment(node)) {
    return [
      node.isExportEquals
        ? `module.exports = ${print(node.expression)}`
        : `export const default = ${print(node.expression)}`,
    ];
  }
  if (ts.isModuleDeclaration(node)) return isAmbient(node) ? [] : ['<a TypeScript namespace>'];
  if (
    ts.isInterfaceDeclaration(node) ||
    ts.isTypeAliasDeclaration(node) ||
    ts.isEmptyStatement(node) ||
    node.kind === K.DebuggerStatement
  )
    return [];
  return [`<${K[node.kind]}>`];
}

const has = (node: ts.HasModifiers, kind: ts.SyntaxKind) =>
  ts.getModifiers(node)?.some(each => each.kind === kind) ?? false;
const isExported = (node: ts.HasModifiers) => has(node, K.ExportKeyword);
const isAmbient = (node: ts.HasModifiers) => has(node, K.DeclareKeyword);

// -------------------------------------------------------------------------------------------------- statements

const ASSIGNMENTS = /^(?:[-+*/%&|^]|\*\*|<<|>>>?|&&|\|\||\?\?)?=$/;
const LOGICAL: Readonly<Record<string, string>> = { '&&': 'and', '||': 'or', '??': '??' };

function expressionStatement(node: ts.Expression): string[] {
  const inner =
    ts.isParenthesizedExpression(node) && ts.isBinaryExpression(node.expression) && isAssignment(node.expression)
      ? node.expression
      : node;
  if (ts.isBinaryExpression(inner) && inner.operatorToken.kind === K.CommaToken)
    return [...expressionStatement(inner.left), ...expressionStatement(inner.right)];
  if (ts.isBinaryExpression(inner) && isAssignment(inner)) return [assignmentStatement(inner)];
  if (isUpdate(inner)) return [`${print(inner.operand)} ${inner.operator === K.PlusPlusToken ? '+' : '-'}= 1`];
  if (ts.isDeleteExpression(inner)) return [`del ${print(inner.expression)}`];
  return [print(inner)];
}

const isAssignment = (node: ts.BinaryExpression) => ASSIGNMENTS.test(node.operatorToken.getText());

function isUpdate(node: ts.Node): node is ts.PrefixUnaryExpression | ts.PostfixUnaryExpression {
  return (
    (ts.isPrefixUnaryExpression(node) || ts.isPostfixUnaryExpression(node)) &&
    (node.operator === K.PlusPlusToken || node.operator === K.MinusMinusToken)
  );
}

function assignmentStatement(node: ts.BinaryExpression): string {
  const sign = node.operatorToken.getText().slice(0, -1);
  if (LOGICAL[sign]) return `${print(node.left)} = (${print(node.left)} ${LOGICAL[sign]} ${print(node.right)})`;
  if (sign) return `${print(node.left)} ${sign}= ${print(node.right)}`;
  const right = node.right;
  const isChain = ts.isBinaryExpression(right) && right.operatorToken.kind === K.EqualsToken;
  return `${target(node.left)} = ${isChain ? assignmentStatement(right) : print(right)}`;
}

function declarations(list: ts.VariableDeclarationList, exported: boolean): string[] {
  const scope = list.flags & ts.NodeFlags.Let ? 'let' : list.flags & ts.NodeFlags.Const ? 'const' : 'var';
  return list.declarations.map(({ name, initializer }) => {
    const required = initializer && requirement(name, initializer);
    return (
      required ??
      `${exported ? 'export ' : ''}${scope} ${binding(name)}${initializer ? ` = ${print(initializer)}` : ''}`
    );
  });
}

/** `require` and `await import`, where they bind plain names, are imports. */
function requirement(name: ts.BindingName, value: ts.Expression): string | undefined {
  const picked = ts.isPropertyAccessExpression(value) ? value : undefined;
  const inner = picked ? stripped(picked.expression) : stripped(value);
  const call = ts.isAwaitExpression(inner) ? stripped(inner.expression) : inner;
  const wanted = ts.isAwaitExpression(inner) ? K.ImportKeyword : K.Identifier;
  if (
    !ts.isCallExpression(call) ||
    call.expression.kind !== wanted ||
    (wanted === K.Identifier && call.expression.getText() !== 'require')
  )
    return undefined;
  const [module] = call.arguments;
  if (!module || !ts.isStringLiteralLike(module)) return undefined;
  if (picked)
    return ts.isIdentifier(name) ? `from ${module.text} import ${picked.name.text} as ${name.text}` : undefined;
  if (ts.isIdentifier(name)) return `import ${module.text} as ${name.text}`;
  if (!ts.isObjectBindingPattern(name)) return undefined;
  const names = name.elements.map(each =>
    ts.isIdentifier(each.name) && !each.initializer && !each.dotDotDotToken
      ? renamed(each.propertyName?.getText() ?? each.name.text, each.name.text)
      : undefined,
  );
  return names.includes(undefined) ? undefined : `from ${module.text} import ${names.join(', ')}`;
}

function stripped(node: ts.Expression): ts.Expression {
  return ts.isParenthesizedExpression(node) ? stripped(node.expression) : node;
}

const renamed = (name: string, alias: string) => (name === alias ? name : `${name} as ${alias}`);

function forStatement(node: ts.ForStatement): string[] {
  const update = node.incrementor ? `; ${effect(node.incrementor)}` : '';
  const loop = [`while ${node.condition ? print(node.condition) : 'True'}${update}:`, ...block(nested(node.statement))];
  if (!node.initializer) return loop;
  const before = ts.isVariableDeclarationList(node.initializer)
    ? declarations(node.initializer, false)
    : [effect(node.initializer)];
  return ['block:', ...indent([...before, ...loop])];
}

/** An expression whose value nobody looks at. */
function effect(node: ts.Expression): string {
  const items = commaItems(node);
  if (items.length > 1) return `(${items.map(effect).join(', ')})`;
  return isUpdate(node) || (ts.isBinaryExpression(node) && isAssignment(node)) ? change(node) : print(node);
}

function tryStatement(node: ts.TryStatement): string[] {
  const name = node.catchClause?.variableDeclaration?.name;
  const pieces = name && !ts.isIdentifier(name) ? [`let ${binding(name)} = <the error that was caught>`] : [];
  const handler = node.catchClause
    ? [
        `except${name && ts.isIdentifier(name) ? ` as ${name.text}` : ''}:`,
        ...block([...pieces, ...statements(node.catchClause.block.statements)]),
      ]
    : [];
  const last = node.finallyBlock ? statements(node.finallyBlock.statements) : [];
  return [
    'try:',
    ...block(statements(node.tryBlock.statements)),
    ...handler,
    ...(last.length ? ['finally:', ...indent(last)] : []),
  ];
}

function functionDeclaration(node: ts.FunctionDeclaration): string[] {
  if (!node.body || isAmbient(node)) return [];
  const isDefault = has(node, K.DefaultKeyword);
  if (!node.name) return [`export const default = ${functionLike(node, '')}`];
  const head = `${isExported(node) && !isDefault ? 'export ' : ''}${has(node, K.AsyncKeyword) ? 'async ' : ''}def${node.asteriskToken ? '*' : ''} ${node.name.text}`;
  return [
    `${head}(${parameters(node.parameters)}):`,
    ...block(statements(node.body.statements)),
    ...(isDefault ? [`export const default = ${node.name.text}`] : []),
  ];
}

function classDeclaration(node: ts.ClassDeclaration): string[] {
  if (isAmbient(node)) return [];
  const isDefault = has(node, K.DefaultKeyword);
  if (!node.name) return [`export const default = <${classLines(node, '').join('; ')}>`];
  const lines = classLines(node, isExported(node) && !isDefault ? 'export ' : '');
  return isDefault ? [...lines, `export const default = ${node.name.text}`] : lines;
}

function classLines(node: ts.ClassLikeDeclaration, prefix: string): string[] {
  const base = node.heritageClauses?.find(clause => clause.token === K.ExtendsKeyword)?.types[0];
  const members = node.members.map(member => ({
    lines: classMember(member),
    name: memberName(member),
    isStatic: isStaticMember(member),
  }));
  const statics = members
    .filter(({ lines, name, isStatic }) => isStatic && name !== undefined && lines.length > 0)
    .map(({ name }) => name);
  const body = members.flatMap(({ lines }) => lines);
  return [
    ...decorators(node),
    `${prefix}class ${node.name?.text ?? ''}(${base ? print(base.expression) : ''})${statics.length ? ` static ${statics.join(', ')}` : ''}:`,
    ...block(body),
  ];
}

const decorators = (node: ts.HasDecorators) => (ts.getDecorators(node) ?? []).map(each => `@${print(each.expression)}`);
const isStaticMember = (node: ts.ClassElement) => ts.canHaveModifiers(node) && has(node, K.StaticKeyword);

function memberName(node: ts.ClassElement): string | undefined {
  if (!node.name || ts.isComputedPropertyName(node.name)) return undefined;
  return ts.isStringLiteralLike(node.name) ? node.name.text : node.name.getText();
}

function classMember(node: ts.ClassElement): string[] {
  if (ts.isClassStaticBlockDeclaration(node)) return ['block:', ...block(statements(node.body.statements))];
  const name = memberName(node);
  if (ts.isPropertyDeclaration(node)) {
    if (has(node, K.DeclareKeyword) || has(node, K.AbstractKeyword)) return [];
    return name === undefined
      ? ['<a field with a computed name>']
      : [`${name} = ${node.initializer ? print(node.initializer) : 'undefined'}`];
  }
  if (ts.isConstructorDeclaration(node)) {
    if (!node.body) return [];
    const properties = node.parameters
      .filter(each => ts.getModifiers(each)?.length)
      .map(each => `this.${each.name.getText()} = ${each.name.getText()}`);
    const at = node.body.statements.findIndex(each => /^super\(/.test(each.getText()));
    const body = node.body.statements;
    return [
      `def constructor(${parameters(node.parameters)}):`,
      ...block([...statements(body.slice(0, at + 1)), ...properties, ...statements(body.slice(at + 1))]),
    ];
  }
  if (!ts.isMethodDeclaration(node) && !ts.isAccessor(node)) return [];
  if (!node.body) return [];
  if (name === undefined) return ['<a method with a computed name>'];
  const accessor = ts.isGetAccessor(node) ? ['@property'] : ts.isSetAccessor(node) ? [`@${name}.setter`] : [];
  const star = ts.isMethodDeclaration(node) && node.asteriskToken ? '*' : '';
  return [
    ...decorators(node),
    ...accessor,
    `${has(node, K.AsyncKeyword) ? 'async ' : ''}def${star} ${name}(${parameters(node.parameters)}):`,
    ...block(statements(node.body.statements)),
  ];
}

function enumDeclaration(node: ts.EnumDeclaration): string {
  let next: number | undefined = 0;
  const members = node.members.map(({ name, initializer }) => {
    const value: string = initializer
      ? print(initializer)
      : next === undefined
        ? '<an enum member after a computed one>'
        : String(next);
    next = /^\d+$/.test(value) ? Number(value) + 1 : undefined;
    return `${key(name)}: ${value}`;
  });
  return `${isExported(node) ? 'export ' : ''}const ${node.name.text} = {${members.join(', ')}}`;
}

// ----------------------------------------------------------------------------------------------------- modules

function importDeclaration(node: ts.ImportDeclaration): string[] {
  const module = (node.moduleSpecifier as ts.StringLiteral).text;
  const clause = node.importClause;
  if (!clause) return [`import ${module}`];
  if (clause.phaseModifier === K.TypeKeyword) return [];
  const names: string[] = [];
  const lines: string[] = [];
  if (clause.name) names.push(`default as ${clause.name.text}`);
  const bindings = clause.namedBindings;
  if (bindings && ts.isNamespaceImport(bindings)) lines.push(`import ${module} as ${bindings.name.text}`);
  else for (const each of bindings?.elements ?? []) if (!each.isTypeOnly) names.push(specifier(each));
  return names.length > 0 || lines.length === 0 ? [`from ${module} import ${names.join(', ')}`, ...lines] : lines;
}

function specifier({ propertyName, name }: ts.ImportSpecifier | ts.ExportSpecifier): string {
  return propertyName ? `${propertyName.text} as ${name.text}` : name.text;
}

function importEquals(node: ts.ImportEqualsDeclaration): string[] {
  const reference = node.moduleReference;
  if (!ts.isExternalModuleReference(reference)) return [`const ${node.name.text} = ${reference.getText()}`];
  return [`import ${(reference.expression as ts.StringLiteral).text} as ${node.name.text}`];
}

function exportDeclaration(node: ts.ExportDeclaration): string[] {
  if (node.isTypeOnly) return [];
  const module = node.moduleSpecifier && (node.moduleSpecifier as ts.StringLiteral).text;
  const clause = node.exportClause;
  if (!clause) return [`from ${module} import *`];
  if (ts.isNamespaceExport(clause)) return [`import ${module} as ${clause.name.text}`];
  const named = clause.elements.filter(each => !each.isTypeOnly);
  if (module !== undefined) return [`from ${module} import ${named.map(specifier).join(', ')}`];
  return named
    .filter(each => each.propertyName && each.propertyName.text !== each.name.text)
    .map(each => `export const ${each.name.text} = ${each.propertyName!.text}`);
}

// -------------------------------------------------------------------------------------------------- expressions

const all = (nodes: readonly ts.Expression[]) => nodes.map(print).join(', ');

function print(node: ts.Expression): string {
  if (
    ts.isParenthesizedExpression(node) ||
    ts.isAsExpression(node) ||
    ts.isSatisfiesExpression(node) ||
    ts.isNonNullExpression(node) ||
    ts.isTypeAssertionExpression(node) ||
    ts.isExpressionWithTypeArguments(node)
  )
    return print(node.expression);
  if (ts.isIdentifier(node)) return node.text;
  if (ts.isNumericLiteral(node)) return number(node.getText());
  if (ts.isBigIntLiteral(node)) return '<a BigInt>';
  if (ts.isStringLiteralLike(node)) return JSON.stringify(node.text);
  if (ts.isRegularExpressionLiteral(node)) return '<a regular expression>';
  if (ts.isTemplateExpression(node)) return template(node);
  if (ts.isTaggedTemplateExpression(node)) return '<a tagged template>';
  if (ts.isArrayLiteralExpression(node))
    return `[${node.elements.map(each => (ts.isOmittedExpression(each) ? 'undefined' : print(each))).join(', ')}]`;
  if (ts.isObjectLiteralExpression(node)) return `{${node.properties.flatMap(property).join(', ')}}`;
  if (ts.isPropertyAccessExpression(node))
    return `${print(node.expression)}${node.questionDotToken ? '?.' : '.'}${node.name.text}`;
  if (ts.isElementAccessExpression(node))
    return `${print(node.expression)}${node.questionDotToken ? '?.' : ''}[${print(node.argumentExpression)}]`;
  if (ts.isCallExpression(node))
    return `${print(node.expression)}${node.questionDotToken ? '?.' : ''}(${all(node.arguments)})`;
  if (ts.isNewExpression(node)) return `new ${print(node.expression)}(${all(node.arguments ?? [])})`;
  if (ts.isSpreadElement(node)) return `*${print(node.expression)}`;
  if (ts.isAwaitExpression(node)) return `await ${print(node.expression)}`;
  if (ts.isYieldExpression(node))
    return `yield${node.asteriskToken ? ' from' : ''}${node.expression ? ` ${print(node.expression)}` : ''}`;
  if (ts.isConditionalExpression(node))
    return `(${print(node.condition)} ? ${print(node.whenTrue)} : ${print(node.whenFalse)})`;
  if (ts.isTypeOfExpression(node)) return `(typeof ${print(node.expression)})`;
  if (ts.isVoidExpression(node)) return `(void ${print(node.expression)})`;
  if (ts.isDeleteExpression(node)) return '<`delete` as a value>';
  if (ts.isFunctionExpression(node)) return functionLike(node, node.name ? ` ${node.name.text}` : '');
  if (ts.isArrowFunction(node)) return functionLike(node, '');
  if (ts.isClassExpression(node)) return `<${classLines(node, '').join('; ')}>`;
  if (ts.isMetaProperty(node)) return '<a meta property>';
  if (ts.isJsxElement(node) || ts.isJsxSelfClosingElement(node) || ts.isJsxFragment(node)) return '<JSX>';
  if (isUpdate(node)) {
    if (ts.isPrefixUnaryExpression(node)) return change(node);
    return `(${change(node)} ${node.operator === K.PlusPlusToken ? '-' : '+'} 1)`;
  }
  if (ts.isPrefixUnaryExpression(node)) {
    const sign = ts.tokenToString(node.operator) ?? '';
    return `(${sign === '!' ? 'not ' : sign}${print(node.operand)})`;
  }
  if (ts.isBinaryExpression(node)) return binary(node);
  if (ts.isPrivateIdentifier(node)) return JSON.stringify(node.getText());
  switch (node.kind) {
    case K.TrueKeyword:
      return 'True';
    case K.FalseKeyword:
      return 'False';
    case K.NullKeyword:
    case K.ThisKeyword:
    case K.SuperKeyword:
    case K.ImportKeyword:
      return node.getText();
    default:
      return `<${K[node.kind]}>`;
  }
}

const number = (source: string) => {
  const plain = source.replace(/_/g, '');
  return String(/^0[0-7]+$/.test(plain) ? parseInt(plain, 8) : Number(plain));
};

function template(node: ts.TemplateExpression): string {
  const text = (part: string) => (part ? [JSON.stringify(part)] : []);
  const parts = node.templateSpans.flatMap(({ expression, literal }) => [
    `{${print(expression)}}`,
    ...text(literal.text),
  ]);
  return `f[${[...text(node.head.text), ...parts].join(' ')}]`;
}

function key(node: ts.PropertyName): string {
  if (ts.isComputedPropertyName(node)) return print(node.expression);
  if (ts.isNumericLiteral(node)) return number(node.getText());
  return JSON.stringify(node.text);
}

function property(node: ts.ObjectLiteralElementLike): string[] {
  if (ts.isPropertyAssignment(node)) return [`${key(node.name)}: ${print(node.initializer)}`];
  if (ts.isShorthandPropertyAssignment(node)) {
    const value = node.objectAssignmentInitializer
      ? `(${node.name.text} ?= ${print(node.objectAssignmentInitializer)})`
      : node.name.text;
    return [`${key(node.name)}: ${value}`];
  }
  if (ts.isSpreadAssignment(node)) return [`**${print(node.expression)}`];
  if (ts.isMethodDeclaration(node)) return [`${key(node.name)}: ${functionLike(node, '')}`];
  return ts.isGetAccessor(node) ? [`${key(node.name)}: <a getter>`] : [];
}

function change(node: ts.Expression): string {
  if (isUpdate(node))
    return `(${print(node.operand)} := (${print(node.operand)} ${node.operator === K.PlusPlusToken ? '+' : '-'} 1))`;
  const { left, operatorToken, right } = node as ts.BinaryExpression;
  const sign = operatorToken.getText().slice(0, -1);
  return sign
    ? `(${print(left)} := (${print(left)} ${LOGICAL[sign] ?? sign} ${print(right)}))`
    : `(${target(left)} := ${print(right)})`;
}

function commaItems(node: ts.Expression): ts.Expression[] {
  if (!ts.isBinaryExpression(node) || node.operatorToken.kind !== K.CommaToken) return [node];
  return [...commaItems(node.left), node.right];
}

function binary(node: ts.BinaryExpression): string {
  if (isAssignment(node)) return change(node);
  const items = commaItems(node);
  if (items.length > 1) return `[${all(items)}][${items.length - 1}]`;
  const sign = node.operatorToken.getText();
  return `(${print(node.left)} ${LOGICAL[sign] ?? sign} ${print(node.right)})`;
}

/** On the left of `=`, `a = 1` inside a literal is a default. */
function target(node: ts.Expression): string {
  if (ts.isParenthesizedExpression(node)) return target(node.expression);
  if (ts.isArrayLiteralExpression(node)) return `[${node.elements.map(target).join(', ')}]`;
  if (ts.isObjectLiteralExpression(node)) {
    return `{${node.properties.flatMap(each => (ts.isPropertyAssignment(each) ? [`${key(each.name)}: ${target(each.initializer)}`] : property(each))).join(', ')}}`;
  }
  if (ts.isOmittedExpression(node)) return 'undefined';
  if (ts.isSpreadElement(node)) return `*${target(node.expression)}`;
  const isDefault = ts.isBinaryExpression(node) && node.operatorToken.kind === K.EqualsToken;
  return isDefault ? `(${target(node.left)} ?= ${print(node.right)})` : print(node);
}

function binding(node: ts.BindingName): string {
  if (ts.isIdentifier(node)) return node.text;
  if (ts.isArrayBindingPattern(node))
    return `[${node.elements.map(each => (ts.isOmittedExpression(each) ? 'undefined' : bindingElement(each))).join(', ')}]`;
  return `{${node.elements
    .map(each => {
      if (each.dotDotDotToken) return `**${binding(each.name)}`;
      const name = each.propertyName ?? (each.name as ts.Identifier);
      return `${key(name)}: ${bindingElement(each)}`;
    })
    .join(', ')}}`;
}

function bindingElement({ name, initializer, dotDotDotToken }: ts.BindingElement): string {
  if (dotDotDotToken) return `*${binding(name)}`;
  return initializer ? `(${binding(name)} ?= ${print(initializer)})` : binding(name);
}

function parameters(nodes: readonly ts.ParameterDeclaration[]): string {
  return nodes
    .filter(each => each.name.getText() !== 'this')
    .map(
      ({ name, initializer, dotDotDotToken }) =>
        `${dotDotDotToken ? '*' : ''}${binding(name)}${initializer ? ` = ${print(initializer)}` : ''}`,
    )
    .join(', ');
}

function functionLike(
  node: ts.FunctionExpression | ts.ArrowFunction | ts.MethodDeclaration | ts.FunctionDeclaration,
  name: string,
): string {
  const body = !node.body
    ? []
    : ts.isBlock(node.body)
      ? statements(node.body.statements)
      : [`return ${print(node.body)}`];
  const star = !ts.isArrowFunction(node) && node.asteriskToken ? '*' : '';
  return `${has(node, K.AsyncKeyword) ? 'async ' : ''}fn${star}${name}(${parameters(node.parameters)}){${body.join('; ')}}`;
}
