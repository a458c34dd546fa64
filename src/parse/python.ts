/** The Python front end: which nodes of tree-sitter-python matter, and how they are lowered. */
import type { LanguageRules } from './lowering';
import { pythonExpression } from './python/expressions';
import { pythonStatement } from './python/statements';
import type { NodeTypeNames } from './syntax-tree';

export const pythonRules: LanguageRules = { expression: pythonExpression, statement: pythonStatement };

export const pythonNodeTypes: NodeTypeNames = {
  leaves: [
    'identifier',
    'integer',
    'float',
    'true',
    'false',
    'none',
    'ellipsis',
    'string_start',
    'string_content',
    'string_end',
    'type_conversion',
    'import_prefix',
    'wildcard_import',
    'keyword_separator',
    'positional_separator',
    'pass_statement',
    'break_statement',
    'continue_statement',
    'format_specifier',
  ],
  statements: [
    'import_statement',
    'future_import_statement',
    'import_from_statement',
    'print_statement',
    'assert_statement',
    'expression_statement',
    'return_statement',
    'delete_statement',
    'raise_statement',
    'global_statement',
    'nonlocal_statement',
    'exec_statement',
    'type_alias_statement',
    'if_statement',
    'for_statement',
    'while_statement',
    'try_statement',
    'with_statement',
    'function_definition',
    'class_definition',
    'decorated_definition',
    'match_statement',
  ],
  oneLine: [
    'import_statement',
    'import_from_statement',
    'print_statement',
    'assert_statement',
    'expression_statement',
    'return_statement',
    'delete_statement',
    'raise_statement',
    'global_statement',
    'nonlocal_statement',
  ],
  skipped: ['line_continuation'],
};
