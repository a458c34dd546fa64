// The import table: who may import whom. Drawn in src/README.md; run by test/architecture/imports.test.ts.
// By hand: npx depcruise --config .dependency-cruiser.mjs src webview

/** Room → the rooms it may import besides itself. */
export const TABLE = {
  ir: [],
  catalogue: ['ir'],
  parse: ['ir'],
  infer: ['ir', 'catalogue'],
  rules: ['ir', 'catalogue', 'infer'],
  ide: ['ir', 'catalogue', 'parse', 'infer', 'rules'],
  convert: ['ir', 'catalogue'],
  protocol: [],
  net: [],
  data: ['protocol'],
  'train/compile': [],
  bert: ['protocol', 'net', 'data', 'train/compile'],
  train: ['protocol', 'data', 'bert', 'train/compile', 'ir', 'catalogue'],
  runs: ['protocol', 'data', 'ir'],
  runtime: ['protocol', 'net'],
  cli: ['ir', 'ide', 'convert', 'protocol', 'runs', 'runtime'],
  extension: ['ir', 'ide', 'convert', 'protocol', 'runs', 'runtime'],
};

/** Same text, same answer: these rooms run in a browser as well, and see no Node. */
const PURE = ['ir', 'catalogue', 'parse', 'infer', 'rules', 'ide', 'convert', 'protocol'];

const folder = rooms => `^src/(${rooms.join('|')})/`;

/** A nested room (train/compile) is not part of the room around it. */
const within = room => ({ path: `^src/${room}/`, ...(room === 'train' ? { pathNot: '^src/train/compile/' } : {}) });

const table = Object.entries(TABLE).map(([room, allowed]) => ({
  name: `${room}-imports`,
  comment: `${room} may import ${allowed.length > 0 ? allowed.join(', ') : 'no other room'}`,
  severity: 'error',
  from: within(room),
  to: { path: '^(src|webview|test|scripts|bench|examples)/', pathNot: folder([room, ...allowed]) },
}));

export default {
  forbidden: [
    ...table,
    {
      name: 'every-room-is-in-the-table',
      comment: 'a new folder of src gets a line in the table first (src/dev, generators and checks, may import all)',
      severity: 'error',
      from: { path: '^src/', pathNot: folder([...Object.keys(TABLE), 'dev']) },
      to: {},
    },
    {
      name: 'nobody-imports-dev',
      comment: 'src/dev holds generators and checks; what ships does not need them',
      severity: 'error',
      from: { path: '^(src|webview)/', pathNot: '^src/dev/' },
      to: { path: '^src/dev/' },
    },
    {
      name: 'webview-imports',
      comment: 'webview may import protocol, and the types of ir and ide',
      severity: 'error',
      from: { path: '^webview/' },
      to: { path: '^(src|test|scripts|bench|examples)/', pathNot: '^src/(protocol|ir|ide)/' },
    },
    {
      name: 'webview-takes-types-alone',
      comment: 'webview may import protocol, and the types of ir and ide',
      severity: 'error',
      from: { path: '^webview/' },
      to: { path: '^src/(ir|ide)/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'pure-rooms-use-no-node',
      comment: 'the pure rooms also run in a browser, where VS Code for the Web runs extensions',
      severity: 'error',
      from: { path: `${folder(PURE)}|^webview/` },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'pure-rooms-use-no-package',
      comment: 'the one package of the pure rooms is the parser',
      severity: 'error',
      from: { path: folder(PURE) },
      to: { path: 'node_modules/', pathNot: 'node_modules/web-tree-sitter/' },
    },
    {
      name: 'only-parse-uses-tree-sitter',
      comment: 'trees stay in parse; everyone else sees the Program',
      severity: 'error',
      from: { path: '^(src|webview)/', pathNot: '^src/(parse|dev)/' },
      to: { path: 'tree-sitter' },
    },
    {
      name: 'only-backend-loads-tensorflow',
      comment: 'two copies of tfjs-core break silently: src/train/backend.ts loads it, the others take types alone',
      severity: 'error',
      from: { path: '^(src|webview)/', pathNot: '^src/train/backend\\.ts$' },
      to: { path: '@tensorflow/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'only-extension-knows-vscode',
      comment: 'one folder is the shell; what it shows is plain data made elsewhere',
      severity: 'error',
      from: { path: '^(src|webview)/', pathNot: '^src/extension/' },
      to: { path: '^vscode$|node_modules/@types/vscode/' },
    },
    {
      name: 'every-import-resolves',
      comment: 'an import that resolves to nothing escapes the table',
      severity: 'error',
      from: { path: '^(src|webview)/' },
      to: { couldNotResolve: true, pathNot: '^vscode$' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    // Imports of types count, and are told apart from imports of values.
    tsPreCompilationDeps: 'specify',
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      extensions: ['.ts', '.js', '.mjs', '.cjs', '.json', '.d.ts'],
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default'],
    },
  },
};
