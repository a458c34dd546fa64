/**
 * The generated part of package.json (`contributes`, `activationEvents`, `capabilities`), from the tables in
 * `extension/commands.ts` and the snippet files.
 */
import { PREDICT_PANEL, RUN_PANEL } from '../extension/panels/panel-types';
import { COMMANDS, LANGUAGES, SETTINGS, type CommandRow } from '../extension/commands';

const SNIPPETS: Readonly<Record<string, readonly string[]>> = {
  'python.json': ['python'],
  'javascript.json': ['javascript', 'javascriptreact'],
  'typescript.json': ['typescript', 'typescriptreact'],
};

type Json = Record<string, unknown>;

/** The keys of package.json that are generated, with their values. */
export function generated(): Json {
  const rows: readonly CommandRow[] = COMMANDS;
  return {
    activationEvents: [
      ...LANGUAGES.map(language => `onLanguage:${language}`),
      ...[RUN_PANEL, PREDICT_PANEL].map(type => `onWebviewPanel:${type}`),
      'workspaceContains:**/*.modelwright.json',
    ],
    capabilities: {
      untrustedWorkspaces: {
        supported: 'limited',
        description:
          'Checking, hints, snippets and summaries work. Training and installing a runtime wait until the workspace is trusted.',
        restrictedConfigurations: ['modelwright.runtime.folder', 'modelwright.runtime.node'],
      },
      virtualWorkspaces: { supported: 'limited', description: 'Checking works; training needs files on a disk.' },
    },
    contributes: {
      commands: rows.map(({ id, title, icon, needsTrust }) => ({
        command: id,
        title,
        category: 'Modelwright',
        ...(icon ? { icon } : {}),
        ...(needsTrust ? { enablement: 'isWorkspaceTrusted' } : {}),
      })),
      menus: {
        'editor/title': rows
          .filter(r => r.editorTitle)
          .map(r => ({ command: r.id, when: r.editorTitle, group: 'navigation' })),
        commandPalette: rows
          .filter(r => r.palette !== undefined)
          .map(r => ({ command: r.id, when: r.palette === false ? 'false' : r.palette })),
      },
      configuration: {
        title: 'Modelwright',
        properties: Object.fromEntries(Object.entries(SETTINGS).map(([key, schema]) => [`modelwright.${key}`, schema])),
      },
      snippets: Object.entries(SNIPPETS).flatMap(([file, languages]) =>
        languages.map(language => ({ language, path: `./snippets/${file}` })),
      ),
      jsonValidation: [{ fileMatch: '*.modelwright.json', url: './schemas/training.schema.json' }],
      languages: [{ id: 'jsonc', filenamePatterns: ['*.modelwright.json'] }],
      walkthroughs: [walkthrough()],
    },
  };
}

function walkthrough(): Json {
  const step = (id: string, title: string, description: string, image: string): Json => ({
    id,
    title,
    description,
    media: { image: `docs/images/${image}`, altText: title },
  });
  return {
    id: 'start',
    title: 'Get started with Modelwright',
    description: 'See the shapes of a model, find what cannot fit, and train it.',
    steps: [
      step(
        'shapes',
        'See the shape after every layer',
        'Open a Python file that builds a Keras model, or a JavaScript or TypeScript file that uses TensorFlow.js. Every ' +
          'layer shows its output shape and parameter count; hover for the arithmetic.',
        'editor-dark.png',
      ),
      step(
        'errors',
        'Errors before you run',
        'A layer that cannot take its input is underlined with both facts. The light bulb offers the way out.',
        'errors-dark.png',
      ),
      step(
        'runtime',
        'Set up training',
        'Training runs in TensorFlow.js on Node, in a process of its own.\n[Set Up Training Runtime](command:modelwright.setUpRuntime)',
        'panel-dark.png',
      ),
      step(
        'train',
        'Train with one click',
        'Choose Train above a model. The panel follows every step; pause, resume or stop it, close the window, come back later.',
        'panel-light.png',
      ),
    ],
  };
}

/** package.json as text with its generated keys brought up to date. */
export function manifest(packageJson: string): string {
  return `${JSON.stringify({ ...(JSON.parse(packageJson) as Json), ...generated() }, null, 2)}\n`;
}
