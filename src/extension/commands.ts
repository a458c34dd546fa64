/**
 * Every command, one row each. The manifest's `commands`, menus and palette entries are generated from this table
 * (`npm run generate`), and `main.ts` refuses to start with a row that has no handler.
 */

export interface CommandRow {
  readonly id: `modelwright.${string}`;
  readonly title: string;
  /** VS Code's product icon, where the command stands in a title bar. */
  readonly icon?: string;
  /** When the palette lists it; `false` for those that only make sense with arguments. */
  readonly palette?: string | false;
  /** When the editor's title bar shows it. */
  readonly editorTitle?: string;
  /** Runs something of the workspace or installs something: refused until the workspace is trusted. */
  readonly needsTrust?: boolean;
}

const MODEL_FILE = 'resourceLangId in modelwright.languages';

export const COMMANDS = [
  {
    id: 'modelwright.train',
    title: 'Train Model',
    icon: '$(play)',
    palette: 'editorIsOpen',
    editorTitle: `${MODEL_FILE} && modelwright.hasModel`,
    needsTrust: true,
  },
  {
    id: 'modelwright.trainConfiguration',
    title: 'Train from Configuration File',
    palette: 'editorIsOpen',
    needsTrust: true,
  },
  {
    id: 'modelwright.trainFile',
    title: 'Train This File',
    palette: 'editorLangId =~ /^(java|type)script/',
    needsTrust: true,
  },
  {
    id: 'modelwright.summary',
    title: 'Show Model Summary',
    icon: '$(symbol-structure)',
    palette: 'editorIsOpen',
    editorTitle: `${MODEL_FILE} && modelwright.hasModel`,
  },
  { id: 'modelwright.convertToTfjs', title: 'Convert to TensorFlow.js', palette: 'editorLangId == python' },
  { id: 'modelwright.convertToKeras', title: 'Convert to Keras', palette: 'editorLangId =~ /^(java|type)script/' },
  { id: 'modelwright.newConfiguration', title: 'New Training Configuration' },
  { id: 'modelwright.finetune', title: 'Fine-tune BERT Checkpoint…', needsTrust: true },
  { id: 'modelwright.predict', title: 'Predict with Fine-tuned Checkpoint…', needsTrust: true },
  { id: 'modelwright.evaluateCheckpoint', title: 'Evaluate Checkpoint…', needsTrust: true },
  { id: 'modelwright.newCheckpoint', title: 'New BERT Checkpoint from Text…', needsTrust: true },
  { id: 'modelwright.openRun', title: 'Open Run…' },
  { id: 'modelwright.resumeRun', title: 'Resume Run…', needsTrust: true },
  { id: 'modelwright.pauseRun', title: 'Pause Run', palette: 'modelwright.running' },
  { id: 'modelwright.continueRun', title: 'Continue Paused Run', palette: 'modelwright.running' },
  { id: 'modelwright.stopRun', title: 'Stop Run', palette: 'modelwright.running' },
  { id: 'modelwright.setUpRuntime', title: 'Set Up Training Runtime', needsTrust: true },
  { id: 'modelwright.doctor', title: 'Show Runtime Report' },
] as const satisfies readonly CommandRow[];

export type CommandId = (typeof COMMANDS)[number]['id'];

/** The languages whose files are checked, by VS Code's ids. */
export const LANGUAGES = ['python', 'javascript', 'javascriptreact', 'typescript', 'typescriptreact'] as const;

/** One row per setting: key below `modelwright.`, its JSON Schema with a one-line description. */
export const SETTINGS = {
  kerasVersion: {
    type: 'string',
    enum: ['auto', '2', '3'],
    default: 'auto',
    scope: 'resource',
    description:
      'The Keras whose rules hold; auto looks into the virtual environment and the requirements of the folder.',
  },
  'check.enable': {
    type: 'boolean',
    default: true,
    scope: 'resource',
    description: 'Check the shapes of models while typing.',
  },
  'inlayHints.enable': {
    type: 'boolean',
    default: true,
    scope: 'resource',
    description: 'Show the shape and parameter count after every layer.',
  },
  'inlayHints.parameters': {
    type: 'boolean',
    default: true,
    scope: 'resource',
    description: 'Show parameter counts beside the shapes.',
  },
  'codeLens.enable': {
    type: 'boolean',
    default: true,
    scope: 'resource',
    description: 'Show Train and Summary above every model, Fine-tune above every pretrained BERT.',
  },
  'runtime.folder': {
    type: 'string',
    default: '',
    scope: 'machine',
    description: 'Folder whose node_modules holds @tensorflow/tfjs-node; empty to let Modelwright choose.',
  },
  'runtime.node': {
    type: 'string',
    default: '',
    scope: 'machine',
    description: 'Node.js executable that runs training; empty to let Modelwright choose.',
  },
  'train.compile': {
    type: 'boolean',
    default: true,
    scope: 'window',
    description: 'Run each training step as one native TensorFlow graph where possible.',
  },
  'train.notifyWhenDone': {
    type: 'boolean',
    default: true,
    scope: 'window',
    description: 'Tell when a run ends while its panel is not visible.',
  },
} as const;
