/** "Train Model": which model, on which data,
  with which sizes; then a run and its panel. Asks only what nothing says yet. */
import { createHash } from 'node:crypto';
import fs from 'node:fs/promises';
import path from 'node:path';
import * as vscode from 'vscode';
import type { Analysis } from '../ide/analysis';
import type { ModelFacts } from '../ir/model';
import { ConfigurationError, readConfiguration, resolvePlan, startRun, type TrainingConfiguration } from '../runs';
import type { Documents } from './documents';
import { pickData, reportMismatch } from './pick-data';
import type { RunRegistry } from './run-registry';

type BoundModel = Analysis['facts']['models'][number];

export interface PickedModel {
  readonly document: vscode.TextDocument;
  readonly analysis: Analysis;
  readonly model: BoundModel;
}

export class TrainCommand {
  constructor(
    private readonly documents: Documents,
    private readonly registry: RunRegistry,
  ) {}

  async train(uri?: vscode.Uri, binding?: string): Promise<void> {
    const picked = await this.pickModel(uri, binding, 'Train');
    if (!picked) return;
    const found = await findConfiguration(picked);
    if (found === 'cancelled') return;
    await this.start(picked, found?.configuration ?? {}, found?.folder ?? path.dirname(picked.document.uri.fsPath));
  }

  /** Trains from an open `*.modelwright.json`. */
  async trainConfiguration(uri: vscode.Uri | undefined = vscode.window.activeTextEditor?.document.uri): Promise<void> {
    if (!uri?.path.endsWith('.modelwright.json'))
      throw new Error('Open a *.modelwright.json first, or choose Train above a model.');
    const configuration = await readConfiguration(uri.fsPath);
    const [file, binding] = (configuration.model ?? '').split('#');
    if (!file) throw new Error(`${path.basename(uri.fsPath)} names no model. Add "model": "file.py#model".`);
    const folder = path.dirname(uri.fsPath);
    const picked = await this.pickModel(vscode.Uri.file(path.resolve(folder, file)), binding, 'Train');
    if (picked) await this.start(picked, configuration, folder);
  }

  /** A configuration beside the model's file, with what the code leaves to be said. */
  async newConfiguration(): Promise<void> {
    const picked = await this.pickModel(undefined, undefined, 'Write a training configuration for');
    if (!picked) return;
    const { document, model } = picked;
    const data = await pickData(model.facts, document.uri);
    if (data === undefined) return;
    await showConfiguration(document, { ...configurationFor(picked), ...(data === 'code' ? {} : { data }) });
  }

  /** The model of a file by the name it is bound to; asks where there are several. Undefined where nobody chose. */
  async pickModel(
    uri: vscode.Uri | undefined,
    binding: string | undefined,
    verb: string,
  ): Promise<PickedModel | undefined> {
    const document = uri ? await vscode.workspace.openTextDocument(uri) : vscode.window.activeTextEditor?.document;
    const analysis = document && (await this.documents.analysis(document));
    const because = document && this.documents.leftOutBecause(document);
    if (because !== undefined) throw new Error(`This file is not read for models: ${because}.`);
    if (!document || !analysis || analysis.facts.models.length === 0) {
      throw new Error('No model was found in this file. Open a file that builds a Keras model.');
    }
    const { models } = analysis.facts;
    if (binding !== undefined) {
      const model = models.find(m => m.facts.binding === binding);
      if (!model)
        throw new Error(
          `${path.basename(document.fileName)} builds no model “${binding}”. It builds: ${models.map(m => m.facts.binding).join(', ')}.`,
        );
      return { document, analysis, model };
    }
    if (models.length === 1) return { document, analysis, model: models[0]! };
    const items = models.map(model => ({
      label: model.facts.binding,
      description: `${model.facts.className}, ${model.facts.layers.length} layers`,
      model,
    }));
    const item = await vscode.window.showQuickPick(items, { title: `${verb} which model?` });
    return item && { document, analysis, model: item.model };
  }

  private async start(picked: PickedModel, configuration: TrainingConfiguration, folder: string): Promise<void> {
    const { document, analysis, model } = picked;
    const workspace = vscode.workspace.getWorkspaceFolder(document.uri)?.uri.fsPath ?? folder;
    const withData = await completed(model.facts, configuration, document.uri);
    const args = withData && (await askForSizes(model, withData.args ?? {}));
    if (!withData || !args) return;
    const { binding } = model.facts;
    const { analyzer } = await this.documents.engine.load();
    const facts = await analyzer.model(document.fileName, analysis.text, binding, args);
    if (!facts) throw new Error(`With these arguments “${binding}” builds no model that could be followed.`);
    const { plan, seed, settings, notes } = resolvePlan({
      model: facts,
      configuration: { ...withData, args },
      folder,
      workspace: [workspace],
    });
    if (!(await reportMismatch(plan, facts))) return;
    for (const note of notes) void vscode.window.showWarningMessage(note);
    const title = `${path.basename(document.fileName)} · ${binding}`;
    const settingsOfEditor = vscode.workspace.getConfiguration('modelwright');
    const started = await vscode.window.withProgress(
      { location: vscode.ProgressLocation.Window, title: `Modelwright: starting ${title}` },
      async () =>
        startRun({
          workspace,
          program: this.registry.program,
          runtime: await this.registry.runtime(),
          title,
          task: 'fit',
          plan: plan as never,
          seed,
          settings,
          eager: !settingsOfEditor.get<boolean>('train.compile', true),
          source: {
            file: path.relative(workspace, document.uri.fsPath),
            binding,
            hash: createHash('sha256').update(analysis.text).digest('hex'),
          },
        }),
    );
    await this.registry.open(started.folder, title);
  }
}

/** The configuration beside the file, or below its folder, that names this model. */
async function findConfiguration({
  document,
  model,
}: PickedModel): Promise<{ configuration: TrainingConfiguration; folder: string } | 'cancelled' | undefined> {
  const folder = path.dirname(document.uri.fsPath);
  const names = (await fs.readdir(folder).catch(() => [] as string[])).filter(name =>
    name.endsWith('.modelwright.json'),
  );
  const matching: { label: string; configuration: TrainingConfiguration }[] = [];
  for (const name of names) {
    const configuration = await readConfiguration(path.join(folder, name)).catch((error: unknown) => {
      // A broken configuration of another model must not keep this one from training.
      if (error instanceof ConfigurationError) return undefined;
      throw error;
    });
    const [file, binding] = (configuration?.model ?? '').split('#');
    const same =
      file &&
      path.resolve(folder, file) === document.uri.fsPath &&
      (binding === undefined || binding === model.facts.binding);
    if (configuration && same) matching.push({ label: name, configuration });
  }
  if (matching.length <= 1) return matching[0] && { configuration: matching[0].configuration, folder };
  const item = await vscode.window.showQuickPick(matching, {
    title: `Train ${model.facts.binding} with which configuration?`,
  });
  return item ? { configuration: item.configuration, folder } : 'cancelled';
}

/** With data: those of the configuration, of the code, or picked now; undefined where nobody chose. */
async function completed(
  model: ModelFacts,
  configuration: TrainingConfiguration,
  source: vscode.Uri,
): Promise<TrainingConfiguration | undefined> {
  if (configuration.data || model.fit?.dataset) return configuration;
  const data = await pickData(model, source);
  if (data === undefined) return undefined;
  return data === 'code' ? configuration : { ...configuration, data };
}

/** Sizes that neither the code nor the configuration gives. */
async function askForSizes(
  model: BoundModel,
  given: NonNullable<TrainingConfiguration['args']>,
): Promise<NonNullable<TrainingConfiguration['args']> | undefined> {
  const args = { ...given };
  for (const name of model.symbols) {
    if (args[name] !== undefined) continue;
    const answer = await vscode.window.showInputBox({
      title: `Train ${model.facts.binding}`,
      prompt: `The code leaves “${name}” open. Which size shall it have?`,
      validateInput: text => (/^[1-9]\d{0,9}$/.test(text.trim()) ? undefined : 'A positive integer is needed.'),
    });
    if (answer === undefined) return undefined;
    args[name] = Number(answer);
  }
  return args;
}

function configurationFor({ document, model }: PickedModel): TrainingConfiguration {
  const { fit, compile, binding } = model.facts;
  return {
    model: `${path.basename(document.fileName)}#${binding}`,
    ...(model.symbols.length > 0 ? { args: Object.fromEntries(model.symbols.map(name => [name, 0])) } : {}),
    ...(compile?.loss
      ? {}
      : { compile: { optimizer: 'adam', loss: 'sparse_categorical_crossentropy', metrics: ['accuracy'] } }),
    fit: { epochs: fit?.epochs ?? 10, batchSize: fit?.batchSize ?? 32, seed: 42 },
  };
}

async function showConfiguration(document: vscode.TextDocument, configuration: TrainingConfiguration): Promise<void> {
  const base = document.uri.fsPath.replace(/\.[^.]+$/, '');
  const target = vscode.Uri.file(`${base}.modelwright.json`);
  const exists = await fs.access(target.fsPath).then(
    () => true,
    () => false,
  );
  const content = `${JSON.stringify(configuration, null, 2)}\n`;
  // A file that is there is the user's: the new one is shown unsaved instead.
  const shown = exists
    ? await vscode.workspace.openTextDocument({ language: 'jsonc', content })
    : await fs.writeFile(target.fsPath, content).then(() => vscode.workspace.openTextDocument(target));
  await vscode.window.showTextDocument(shown);
}
