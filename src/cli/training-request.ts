// From what `train` was given to a plan with nothing left open: the configuration, the model, the data, held together
// before anything is started or written.
import fs from 'node:fs/promises';
import path from 'node:path';
import type { FitPlan } from '../protocol/fit-plan';
import type { ModelFacts } from '../ir/model';
import {
  ConfigurationError,
  DataError,
  describeData,
  matchModel,
  readConfiguration,
  resolvePlan,
  suggestConfig,
  withSettings,
  type ResolvedPlan,
  type TrainingConfiguration,
} from '../runs';
import type { Context } from './command';
import { Engine } from './engine';
import { shown, type SourceFile } from './files';
import { modelsOf, sourceFile, splitTarget } from './target';
import { UsageError } from './usage-error';

export interface TrainingOptions {
  readonly data?: string | undefined;
  readonly epochs?: number | undefined;
  readonly 'batch-size'?: number | undefined;
  readonly set: readonly string[];
}

export interface Preparation {
  resolved: ResolvedPlan;
  file: SourceFile;
  binding: string;
  /** What a person should know before the run, one sentence each. */
  notes: string[];
}

/** @throws {UsageError} for whatever keeps the run from starting */
export async function prepareTraining(
  target: string,
  options: TrainingOptions,
  context: Context,
): Promise<Preparation> {
  try {
    return await prepare(target, options, context);
  } catch (error) {
    if (error instanceof ConfigurationError || error instanceof DataError) throw new UsageError(error.message);
    throw error;
  }
}

async function prepare(target: string, options: TrainingOptions, context: Context): Promise<Preparation> {
  const notes: string[] = [];
  const start = target.endsWith('.json')
    ? await fromConfiguration(path.resolve(context.folder, target), target)
    : await fromSource(target, options, context, notes);
  const configuration = await withOptions(start.configuration, options, context);
  const file = await sourceFile(shown(start.sourcePath, context.folder), context.folder);
  const engine = new Engine(context.distFolder, context.folder);
  const models = await modelsOf(file, start.binding, engine);
  const [model] = models;
  if (model === undefined || models.length > 1) {
    const names = models.map(({ facts }) => `${file.name}#${facts.binding}`).join(', ');
    throw new UsageError(`${file.name} builds ${models.length} models; name one: ${names}.`);
  }
  const { binding } = model.facts;
  const args = configuration.args ?? {};
  const facts = (await engine.model(file, binding, args))?.facts;
  if (facts === undefined)
    throw new UsageError(`With these arguments ${binding} builds no model that could be followed.`);
  const open = model.symbols.filter(name => args[name] === undefined);
  if (open.length > 0) {
    const settings = open.map(name => `--set args.${name}=N`).join(' ');
    throw new UsageError(
      `${file.name} leaves ${open.join(' and ')} open; give ${open.length > 1 ? 'them' : 'it'}: ${settings}.`,
    );
  }
  const resolved = resolvePlan({ model: facts, configuration, folder: start.folder, workspace: [context.folder] });
  notes.push(...resolved.notes, ...(await dataNotes(resolved.plan, facts)));
  return { resolved, file, binding, notes };
}

interface Start {
  configuration: TrainingConfiguration;
  /** Where its relative paths start. */
  folder: string;
  sourcePath: string;
  binding: string | undefined;
}

async function fromConfiguration(file: string, written: string): Promise<Start> {
  const configuration = await readConfiguration(file);
  if (configuration.model === undefined) {
    throw new UsageError(`${written} names no model. Add "model": "file.py#model", relative to its folder.`);
  }
  const { path: source, model } = splitTarget(configuration.model);
  const folder = path.dirname(file);
  return { configuration, folder, sourcePath: path.resolve(folder, source), binding: model };
}

/** A configuration beside the file that names this model is used, as in the editor, unless the data are given. */
async function fromSource(
  target: string,
  { data }: TrainingOptions,
  { folder: cwd }: Context,
  notes: string[],
): Promise<Start> {
  const { path: written, model } = splitTarget(target);
  const sourcePath = path.resolve(cwd, written);
  const folder = path.dirname(sourcePath);
  const start = { configuration: {}, folder, sourcePath, binding: model };
  if (data !== undefined) return start;
  const names = (await fs.readdir(folder).catch(() => [])).filter(name => name.endsWith('.modelwright.json')).sort();
  const matching: { file: string; start: Start }[] = [];
  for (const name of names) {
    const file = path.join(folder, name);
    // A broken configuration of another model must not keep this one from training.
    const found = await fromConfiguration(file, name).catch(() => null);
    const same =
      found?.sourcePath === sourcePath &&
      (model === undefined || found.binding === undefined || found.binding === model);
    if (found && same) matching.push({ file, start: { ...found, binding: model ?? found.binding } });
  }
  const [only] = matching;
  if (only === undefined) return start;
  const list = matching.map(({ file }) => shown(file, cwd));
  if (matching.length > 1)
    throw new UsageError(`Several configurations name this model; give one of them as TARGET: ${list.join(', ')}.`);
  notes.push(`${list[0]} names this model and is used.`);
  return only.start;
}

async function withOptions(
  configuration: TrainingConfiguration,
  { data, epochs, 'batch-size': batchSize, set }: TrainingOptions,
  { folder }: Context,
): Promise<TrainingConfiguration> {
  const given =
    data === undefined ? configuration : { ...configuration, data: await suggestConfig(path.resolve(folder, data)) };
  const assignments = [
    ...(epochs === undefined ? [] : [`fit.epochs=${epochs}`]),
    ...(batchSize === undefined ? [] : [`fit.batchSize=${batchSize}`]),
    ...set,
  ];
  return assignments.length === 0 ? given : withSettings(given, assignments);
}

/**
 * Holds the data's shapes against the model's, from the headers of the files alone.
 * @throws {UsageError} where they surely clash; returns what will run and may not be meant
 */
async function dataNotes(plan: FitPlan, { inputShapes, outputShapes }: ModelFacts): Promise<string[]> {
  const description = await describeData(plan.data, { folder: plan.dataFolder, workspace: [...plan.workspace] });
  const [input, output] = [inputShapes[0], outputShapes[0]];
  // Data for several inputs or outputs come by name; the training process holds them against the model itself.
  if (!input || !output || inputShapes.length > 1 || outputShapes.length > 1) return [];
  const numbers = (shape: readonly unknown[]) => shape.map(length => (typeof length === 'number' ? length : null));
  const loss = 'class' in plan.loss ? { loss: plan.loss.class } : {};
  const found = matchModel(description, { input: numbers(input), output: numbers(output), ...loss });
  const clash = found.find(({ severity }) => severity === 'error');
  if (clash) throw new UsageError(`${clash.message} ${clash.hint}`);
  return found.map(({ message, hint }) => `${message} ${hint}`);
}
