// Lint rules: few, typed, every one an error. Layout is Prettier's, heads of files test/architecture's.
import tseslint from 'typescript-eslint';

/** What Node gives every script. */
const NODE_GLOBALS = [
  'process',
  'console',
  'Buffer',
  'URL',
  'URLSearchParams',
  'fetch',
  'performance',
  'structuredClone',
  'globalThis',
  'setTimeout',
  'clearTimeout',
  'setInterval',
  'clearInterval',
  'setImmediate',
  'AbortController',
  'AbortSignal',
  'TextDecoder',
  'TextEncoder',
  'WebAssembly',
];
const COMMONJS_GLOBALS = ['require', 'module', 'exports', '__dirname', '__filename'];

const readonly = names => Object.fromEntries(names.map(name => [name, 'readonly']));

/** For all code, typed or not. */
const EVERYWHERE = {
  eqeqeq: ['error', 'always', { null: 'ignore' }],
  'no-var': 'error',
  'prefer-const': ['error', { destructuring: 'all' }],
  'no-debugger': 'error',
  'no-eval': 'error',
  'object-shorthand': 'error',
};

export default tseslint.config(
  {
    ignores: [
      'dist/**',
      'node_modules/**',
      '.vscode-test/**',
      '.modelwright/**',
      'examples/**',
      'snippets/**',
      'test/**/fixtures/**',
      '**/*.d.mts',
    ],
  },
  {
    files: ['**/*.mjs', '**/*.cjs', '**/*.js'],
    languageOptions: { globals: readonly(NODE_GLOBALS) },
    rules: {
      ...EVERYWHERE,
      'no-undef': 'error',
      'no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      'no-unreachable': 'error',
      'no-dupe-keys': 'error',
    },
  },
  { files: ['**/*.cjs', '**/*.js'], languageOptions: { sourceType: 'commonjs', globals: readonly(COMMONJS_GLOBALS) } },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: {
      parserOptions: { project: ['tsconfig.json', 'tsconfig.webview.json'], tsconfigRootDir: import.meta.dirname },
    },
    linterOptions: { reportUnusedDisableDirectives: 'off' },
    rules: {
      ...EVERYWHERE,
      // A union that grows must break every place that lists its members.
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      // The compiler reports these already (noUnusedLocals, noUnusedParameters), and knows `_` the same way.
      '@typescript-eslint/no-unused-vars': 'off',
      // `async` is part of a face even where one implementation has nothing to await.
      '@typescript-eslint/require-await': 'off',
    },
  },
  { files: ['test/**/*.ts', 'bench/**/*.ts'], rules: { '@typescript-eslint/no-unused-expressions': 'off' } },
);
