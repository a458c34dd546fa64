/** The JavaScript and TypeScript front end: which nodes of their grammars matter, and how they are lowered. */
import { javascriptExpression } from './javascript/expressions';
import { javascriptStatement } from './javascript/statements';
import type { LanguageRules } from './lowering';
import type { NodeTypeNames } from './syntax-tree';

export const javascriptRules: LanguageRules = { expression: javascriptExpression, statement: javascriptStatement };

export const javascriptNodeTypes: NodeTypeNames = {
  leaves: [
    'identifier', 'property_identifier', 'private_property_identifier', 'shorthand_property_identifier',
    'shorthand_property_identifier_pattern', 'type_identifier', 'statement_identifier', 'number', 'string', 'string_fragment',
    'escape_sequence', 'regex', 'true', 'false', 'null', 'undefined', 'this', 'super', 'import', 'optional_chain',
    'meta_property', 'empty_statement', 'debugger_statement', 'accessibility_modifier', 'override_modifier',
    'jsx_element', 'jsx_self_closing_element', 'jsx_fragment', 'internal_module', 'module', 'ambient_declaration', 'function_signature',
  ],
  statements: [
    'expression_statement', 'import_statement', 'export_statement', 'statement_block', 'if_statement', 'for_statement',
    'for_in_statement', 'while_statement', 'do_statement', 'switch_statement', 'try_statement', 'return_statement', 'throw_statement',
    'labeled_statement', 'lexical_declaration', 'variable_declaration', 'function_declaration', 'generator_function_declaration',
    'class_declaration', 'abstract_class_declaration', 'enum_declaration',
  ],
  // Types are of no consequence to shapes, and checking them is TypeScript's own business.
  skipped: [
    'type_annotation', 'type_arguments', 'type_parameters', 'interface_declaration', 'type_alias_declaration', 'implements_clause',
    'asserts_annotation', 'type_predicate_annotation', 'hash_bang_line', 'html_comment', 'method_signature', 'abstract_method_signature',
    'index_signature', 'import_attribute',
  ],
};
