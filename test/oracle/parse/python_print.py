"""Prints what Python's own `ast` reads in the format of `test/unit/parse/print.ts`.

Where the common program has no node of its own, the print follows what the front end lowers to: `assert` is an `if`
with a `raise`, `pass` is nothing, several operands of `and` group to the left.
"""

import ast
import decimal
import json
import re

OPERATORS = {
    ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.FloorDiv: "//", ast.Mod: "%", ast.Pow: "**",
    ast.MatMult: "@", ast.LShift: "<<", ast.RShift: ">>", ast.BitAnd: "&", ast.BitOr: "|", ast.BitXor: "^",
    ast.USub: "-", ast.UAdd: "+", ast.Invert: "~", ast.Not: "not ", ast.And: "and", ast.Or: "or",
    ast.Eq: "==", ast.NotEq: "!=", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=",
    ast.Is: "is", ast.IsNot: "is not", ast.In: "in", ast.NotIn: "not in",
}


def operator(node):
    return OPERATORS[type(node)]


def text(value):
    """As JavaScript's `JSON.stringify` writes it: half surrogates are escaped."""
    written = json.dumps(value, ensure_ascii=False)
    return re.sub("[\ud800-\udfff]", lambda match: "\\u%04x" % ord(match[0]), written)


def number(value):
    if isinstance(value, int) and abs(value) < 2 ** 53:
        return str(value)
    if isinstance(value, int):  # The common program has JavaScript's numbers.
        return number(float(value)).removesuffix(".0")
    if value != value or value in (float("inf"), float("-inf")):
        return "Infinity.0" if value > 0 else str(value)
    if value.is_integer() and abs(value) < 1e21:
        return format(decimal.Decimal(repr(value)), "f").removesuffix(".0") + ".0"
    if 1e-6 <= abs(value) < 1e21:
        return format(decimal.Decimal(repr(value)), "f")
    return re.sub(r"e([+-])0*(\d)", r"e\1\2", repr(value))


class Printer:
    def __init__(self, source):
        self.source = source

    # ------------------------------------------------------------------------------------------------ expressions

    def all(self, nodes):
        return ", ".join(self.expression(node) for node in nodes)

    def expression(self, node):
        return getattr(self, type(node).__name__)(node)

    def Name(self, node):
        return node.id

    def Constant(self, node):
        value = node.value
        if value is None or value is True or value is False:
            return str(value)
        if value is ...:
            return "..."
        if isinstance(value, str):
            return text(value)
        if isinstance(value, bytes):
            return "b" + text(value.decode("latin-1"))
        if isinstance(value, complex):
            return "<a complex number>"
        return number(value)

    def JoinedStr(self, node):
        return f"f[{' '.join(self.format_part(part) for part in node.values)}]"

    def format_part(self, part):
        if isinstance(part, ast.Constant):
            return text(part.value)
        conversion = f"!{chr(part.conversion)}" if part.conversion != -1 else ""
        format_spec = "" if part.format_spec is None else ":" + "".join(
            each.value if isinstance(each, ast.Constant) else ast.unparse(ast.JoinedStr([each]))[2:-1]
            for each in part.format_spec.values)
        return f"{{{self.expression(part.value)}{conversion}{format_spec}}}"

    def List(self, node):
        return f"[{self.all(node.elts)}]"

    def Tuple(self, node):
        return f"({self.all(node.elts)}{',' if len(node.elts) == 1 else ''})"

    def Set(self, node):
        return f"set{{{self.all(node.elts)}}}"

    def Dict(self, node):
        entries = (f"{self.expression(key)}: {self.expression(value)}" if key else f"**{self.expression(value)}"
                   for key, value in zip(node.keys, node.values))
        return f"{{{', '.join(entries)}}}"

    def Attribute(self, node):
        return f"{self.expression(node.value)}.{node.attr}"

    def Subscript(self, node):
        is_tuple = isinstance(node.slice, ast.Tuple)
        indices = node.slice.elts if is_tuple else [node.slice]
        return f"{self.expression(node.value)}[{self.all(indices)}{',' if is_tuple and len(indices) < 2 else ''}]"

    def Slice(self, node):
        lower, upper, step = (self.expression(each) if each else "" for each in (node.lower, node.upper, node.step))
        return f"{lower}:{upper}{':' + step if node.step else ''}"

    def Call(self, node):
        return f"{self.expression(node.func)}({self.arguments(node.args, node.keywords)})"

    def arguments(self, args, keywords):
        placed = [(each.lineno, each.col_offset, self.expression(each)) for each in args]
        placed += [(each.lineno, each.col_offset, f"{each.arg}={self.expression(each.value)}" if each.arg
                    else f"**{self.expression(each.value)}") for each in keywords]
        return ", ".join(printed for _, _, printed in sorted(placed))

    def UnaryOp(self, node):
        return f"({operator(node.op)}{self.expression(node.operand)})"

    def BinOp(self, node):
        return f"({self.expression(node.left)} {operator(node.op)} {self.expression(node.right)})"

    def BoolOp(self, node):
        first, *others = (self.expression(value) for value in node.values)
        for other in others:
            first = f"({first} {operator(node.op)} {other})"
        return first

    def Compare(self, node):
        others = "".join(f" {operator(op)} {self.expression(each)}" for op, each in zip(node.ops, node.comparators))
        return f"({self.expression(node.left)}{others})"

    def IfExp(self, node):
        return f"({self.expression(node.test)} ? {self.expression(node.body)} : {self.expression(node.orelse)})"

    def Lambda(self, node):
        return f"fn({self.parameters(node.args)}){{return {self.expression(node.body)}}}"

    def comprehension(self, kind, value, generators):
        clauses = "".join(
            f" for {self.expression(each.target)} in {self.expression(each.iter)}"
            + "".join(f" if {self.expression(test)}" for test in each.ifs) for each in generators)
        return f"{kind}({value}{clauses})"

    def ListComp(self, node):
        return self.comprehension("list", self.expression(node.elt), node.generators)

    def SetComp(self, node):
        return self.comprehension("set", self.expression(node.elt), node.generators)

    def GeneratorExp(self, node):
        return self.comprehension("generator", self.expression(node.elt), node.generators)

    def DictComp(self, node):
        return self.comprehension("dict", f"{self.expression(node.key)}: {self.expression(node.value)}", node.generators)

    def Starred(self, node):
        return f"*{self.expression(node.value)}"

    def Await(self, node):
        return f"await {self.expression(node.value)}"

    def Yield(self, node):
        return f"yield {self.expression(node.value)}" if node.value else "yield"

    def YieldFrom(self, node):
        return f"yield from {self.expression(node.value)}"

    def NamedExpr(self, node):
        return f"({self.expression(node.target)} := {self.expression(node.value)})"

    def parameters(self, args):
        plain = args.posonlyargs + args.args
        defaults = [None] * (len(plain) - len(args.defaults)) + args.defaults
        printed = [self.parameter("/" if i < len(args.posonlyargs) else "", arg, default)
                   for i, (arg, default) in enumerate(zip(plain, defaults))]
        if args.vararg:
            printed.append(self.parameter("*", args.vararg, None))
        printed += [self.parameter("$", arg, default) for arg, default in zip(args.kwonlyargs, args.kw_defaults)]
        if args.kwarg:
            printed.append(self.parameter("**", args.kwarg, None))
        return ", ".join(printed)

    def parameter(self, sign, arg, default):
        annotation = f": {self.expression(arg.annotation)}" if arg.annotation else ""
        return f"{sign}{arg.arg}{annotation}{f' = {self.expression(default)}' if default else ''}"

    # ------------------------------------------------------------------------------------------------- statements

    def statements(self, body):
        return [line for node in body for line in self.lines(node)]

    def lines(self, node):
        name = type(node).__name__
        if name in ("Break", "Continue"):
            return [name.lower()]
        return getattr(self, "print_" + name)(node)

    def block(self, body):
        return ["  " + line for line in self.statements(body) or ["pass"]]

    def clause(self, head, body):
        # A clause whose body is only `pass` has nothing in it, like none at all.
        inner = self.statements(body)
        return [head, *("  " + line for line in inner)] if inner else []

    def print_Pass(self, node):
        return []

    def print_Expr(self, node):
        return [self.expression(node.value)]

    def print_Assign(self, node):
        return [" = ".join(self.expression(each) for each in [*node.targets, node.value])]

    def print_AnnAssign(self, node):
        value = f" = {self.expression(node.value)}" if node.value else ""
        return [f"{self.expression(node.target)}: {self.expression(node.annotation)}{value}"]

    def print_AugAssign(self, node):
        return [f"{self.expression(node.target)} {operator(node.op)}= {self.expression(node.value)}"]

    def print_If(self, node):
        return [f"if {self.expression(node.test)}:", *self.block(node.body), *self.clause("else:", node.orelse)]

    def print_For(self, node):
        head = f"for {self.expression(node.target)} in {self.expression(node.iter)}:"
        return [head, *self.block(node.body), *self.clause("else:", node.orelse)]

    print_AsyncFor = print_For

    def print_While(self, node):
        return [f"while {self.expression(node.test)}:", *self.block(node.body), *self.clause("else:", node.orelse)]

    def print_FunctionDef(self, node, prefix=""):
        star = "*" if any(yields(each) for each in node.body) else ""
        return [*(f"@{self.expression(each)}" for each in node.decorator_list),
                f"{prefix}def{star} {node.name}({self.parameters(node.args)}):", *self.block(node.body)]

    def print_AsyncFunctionDef(self, node):
        return self.print_FunctionDef(node, "async ")

    def print_ClassDef(self, node):
        static = [each.name for each in node.body if isinstance(each, (ast.FunctionDef, ast.AsyncFunctionDef))
                  and any(isinstance(d, ast.Name) and d.id == "staticmethod" for d in each.decorator_list)]
        return [*(f"@{self.expression(each)}" for each in node.decorator_list),
                f"class {node.name}({self.arguments(node.bases, node.keywords)}){' static ' + ', '.join(static) if static else ''}:",
                *self.block(node.body)]

    def print_Return(self, node):
        return [f"return {self.expression(node.value)}" if node.value else "return"]

    def print_Import(self, node):
        return [f"import {each.name}{f' as {each.asname}' if each.asname else ''}" for each in node.names]

    def print_ImportFrom(self, node):
        names = ", ".join(f"{each.name} as {each.asname}" if each.asname else each.name for each in node.names)
        return [f"from {'.' * node.level}{node.module or ''} import {names}"]

    def print_Raise(self, node):
        return [f"raise {self.expression(node.exc)}" if node.exc else "raise"]

    def print_Assert(self, node):
        message = self.expression(node.msg) if node.msg else ""
        return [f"if (not {self.expression(node.test)}):", f"  raise AssertionError({message})"]

    def print_Try(self, node):
        handlers = [line for each in node.handlers for line in
                    [f"except{f' {self.expression(each.type)}' if each.type else ''}{f' as {each.name}' if each.name else ''}:",
                     *self.block(each.body)]]
        return ["try:", *self.block(node.body), *handlers, *self.clause("else:", node.orelse), *self.clause("finally:", node.finalbody)]

    print_TryStar = print_Try

    def print_With(self, node):
        items = ", ".join(self.expression(each.context_expr)
                          + (f" as {self.expression(each.optional_vars)}" if each.optional_vars else "") for each in node.items)
        return [f"with {items}:", *self.block(node.body)]

    print_AsyncWith = print_With

    def print_Delete(self, node):
        targets = node.targets
        if len(targets) == 1 and isinstance(targets[0], ast.Tuple):
            targets = targets[0].elts
        return [f"del {self.all(targets)}"]

    def print_Global(self, node):
        return [f"global {', '.join(node.names)}"]

    def print_Nonlocal(self, node):
        return [f"nonlocal {', '.join(node.names)}"]

    def print_Match(self, node):
        cases = [line for each in node.cases for line in
                 [f"  case {self.expression(each.pattern)}{f' if {self.expression(each.guard)}' if each.guard else ''}:",
                  *("  " + line for line in self.block(each.body))]]
        return [f"match {self.expression(node.subject)}:", *cases]

    # --------------------------------------------------------------------------------------------------- patterns

    def MatchValue(self, node):
        return self.expression(node.value)

    def MatchSingleton(self, node):
        return str(node.value)

    def MatchSequence(self, node):
        segment = ast.get_source_segment(self.source, node)
        inner = self.all(node.patterns)
        if segment.startswith("["):
            return f"[{inner}]"
        return f"({inner}{',' if len(node.patterns) == 1 else ''})"

    def MatchStar(self, node):
        return f"*{node.name or '_'}"

    def MatchMapping(self, node):
        entries = [f"{self.expression(key)}: {self.expression(pattern)}" for key, pattern in zip(node.keys, node.patterns)]
        return f"{{{', '.join(entries + ([f'**{node.rest}'] if node.rest else []))}}}"

    def MatchClass(self, node):
        keywords = [f"{name}={self.expression(pattern)}" for name, pattern in zip(node.kwd_attrs, node.kwd_patterns)]
        return f"{self.expression(node.cls)}({', '.join([self.expression(each) for each in node.patterns] + keywords)})"

    def MatchAs(self, node):
        if node.pattern is None:
            return node.name or "_"
        return f"({node.name} := {self.expression(node.pattern)})"

    def MatchOr(self, node):
        first, *others = (self.expression(pattern) for pattern in node.patterns)
        for other in others:
            first = f"({first} | {other})"
        return first


def yields(node):
    if isinstance(node, (ast.Yield, ast.YieldFrom)):
        return True
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)):
        return False
    return any(yields(child) for child in ast.iter_child_nodes(node))


def print_program(source):
    return "\n".join(Printer(source).statements(ast.parse(source).body))
