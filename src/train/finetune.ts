/** The program `finetune`: a BERT-family checkpoint, trained further on a data set. */
import os from 'node:os';
import path from 'node:path';
import { type DownloadProgress, locateCheckpoint } from '../bert/hub';
import { estimateMemory, memoryAdvice } from '../bert/memory';
import { prepare, type Prepared } from '../bert/prepare';
import { bytesText } from '../data/data-error';
import type { KerasObject } from '../protocol/fit-plan';
import type { FinetunePlan } from '../protocol/finetune-plan';
import { RUN_FILES } from '../protocol/record';
import { ModelError } from './build/config';
import { createCallbacks } from './callbacks';
import { readCheckpoint } from './checkpoint';
import { replaceFile, replaceFolder } from './files';
import { FinetuneWork } from './finetune-work';
import { type LoopState, runLoop } from './loop';
import type { Program, ProgramContext, ProgramResult } from './program';

export const finetune: Program = async context => {
  const { emit } = context;
  const plan = context.plan as unknown as FinetunePlan;
  emit({ type: 'log', level: 'info', message: 'Reading the checkpoint and the data.' });
  const located = await locateCheckpoint(plan.checkpoint, { onProgress: downloads(emit) });
  const prepared = await prepare({ ...plan, checkpoint: located.folder, seed: context.seed });
  return trainOn(context, plan, prepared, {
    task: 'finetune',
    model: `${path.basename(plan.checkpoint)} · ${prepared.task}`,
  });
};

/**
 * Trains what is prepared, validates it, and writes the checkpoint: the way of every run that ends with one.
 * @param words what the run is called, and which program it is
 */
export async function trainOn(
  context: ProgramContext,
  plan: FinetunePlan,
  prepared: Prepared,
  words: { readonly task: string; readonly model: string },
): Promise<ProgramResult> {
  const { emit, folder } = context;
  const checkpoint = context.resume ? readCheckpoint(folder, 'last') : null;
  if (context.resume && !checkpoint) {
    throw new ModelError('This run has no checkpoint to resume from.', 'Start a new run.');
  }
  const work = new FinetuneWork(context, plan, prepared, checkpoint);
  try {
    const { monitor } = work;
    const resume = checkpoint ? (checkpoint.loop as unknown as LoopState) : null;
    sayMemory(context, plan, work, prepared.maxLength);
    sayLengths(context, work, prepared.train);
    emit({
      type: 'started',
      ...words,
      params: work.model.size,
      trainableParams: work.trainableParams,
      epochs: resume?.epochs ?? plan.epochs,
      stepsPerEpoch: work.stepsPerEpoch,
      samples: prepared.train.length,
      validationSamples: prepared.validation.length,
      batchSize: plan.batchSize * plan.accumulation,
      metrics: work.names,
      monitor,
      execution: work.execution(),
      ...(resume && { resumedFrom: { epoch: resume.epoch, step: resume.iteration } }),
    });
    const outcome = await runLoop({
      work,
      epochs: plan.epochs,
      monitor,
      callbacks: createCallbacks(callbacksOf(plan, monitor, prepared.validation.length > 0), message =>
        emit({ type: 'log', level: 'warning', message }),
      ),
      control: context.control,
      emit,
      logBlocked: () => context.logBlocked(),
      resume,
    });
    const output = plan.output ?? RUN_FILES.output;
    if (outcome.reason !== 'stop-now' && outcome.reason !== 'nan') {
      replaceFolder(path.resolve(folder, output), work.files());
      if (work.evaluation) replaceFile(path.join(folder, 'evaluation.json'), JSON.stringify(work.evaluation));
    }
    return { ...outcome, output };
  } finally {
    work.dispose();
  }
}

/** The best epoch's weights are what comes out, wherever there is a validation to tell. */
function callbacksOf(
  { patience }: FinetunePlan,
  { metric, mode }: FinetuneWork['monitor'],
  held: boolean,
): KerasObject[] {
  if (!held) return [];
  const config = { monitor: metric, mode, patience: patience ?? 1_000_000, restore_best_weights: true };
  return [{ class: 'EarlyStopping', config }];
}

function sayMemory({ emit }: ProgramContext, plan: FinetunePlan, work: FinetuneWork, length: number): void {
  const { config } = work.model;
  const question = { config, batchSize: plan.batchSize, length, trained: work.trainableParams };
  const { weights, gradients, optimizer, activations, total } = estimateMemory(question);
  const parts = `weights ${bytesText(weights)}, gradients ${bytesText(gradients)}, optimiser ${bytesText(optimizer)}`;
  const message = `About ${bytesText(total)} of memory: ${parts}, activations up to ${bytesText(activations)}.`;
  emit({ type: 'log', level: 'info', message });
  const free = os.freemem();
  const advice = memoryAdvice(question, free);
  if (advice.length === 0) return;
  emit({
    type: 'alert',
    kind: 'other',
    severity: 'warning',
    message: `Fine-tuning takes about ${bytesText(total)} of memory, and ${bytesText(free)} are free.`,
    hint: advice.join(' '),
  });
}

function sayLengths({ emit }: ProgramContext, work: FinetuneWork, train: readonly { truncated: boolean }[]): void {
  const cut = train.filter(({ truncated }) => truncated).length;
  const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
  const message = `${percent(cut / train.length)} of the texts are cut off, ${percent(work.paddingShare)} of the tokens fill up.`;
  emit({ type: 'log', level: 'info', message });
}

/** One line for each file and each tenth of it. */
function downloads(emit: ProgramContext['emit']): (progress: DownloadProgress) => void {
  let said = '';
  return ({ file, index, files, done, total }) => {
    const tenth = total ? Math.floor((10 * done) / total) : 0;
    const message = `Downloading ${file} (${index} of ${files})${total ? `: ${10 * tenth} % of ${bytesText(total)}` : ''}.`;
    if (message !== said) emit({ type: 'log', level: 'info', message });
    said = message;
  };
}
