/** The program `fit`: a Keras or TensorFlow.js model, from its facts, trained on a data set. */
import { sampleCount } from '../data/dataset';
import { loadData } from '../data/readers';
import type { ModelFacts } from '../ir/model';
import type { FitPlan } from '../protocol/fit-plan';
import { RUN_FILES } from '../protocol/record';
import { ModelError } from './build/config';
import { createCallbacks } from './callbacks';
import { readCheckpoint } from './checkpoint';
import { FitWork } from './fit-work';
import { decodeImage } from './images';
import { type LoopState, runLoop } from './loop';
import type { Program, ProgramResult } from './program';

export const fit: Program = async context => {
  const { tf, emit, folder } = context;
  const plan = context.plan as unknown as FitPlan;
  const facts = plan.model as unknown as ModelFacts;
  emit({ type: 'log', level: 'info', message: `Reading the data (${plan.data.reader}).` });
  const data = await loadData(plan.data, {
    folder: plan.dataFolder,
    workspace: [...plan.workspace],
    seed: context.seed,
    decodeImage: decodeImage(tf),
  });
  const checkpoint = context.resume ? readCheckpoint(folder, 'last') : null;
  if (context.resume && !checkpoint)
    throw new ModelError('This run has no checkpoint to resume from.', 'Start a new run.');

  const training = await FitWork.make(context, plan, facts, data.train, data.validation, checkpoint);
  try {
    const { monitor } = training;
    const resume = checkpoint ? (checkpoint.loop as unknown as LoopState) : null;
    emit({
      type: 'started',
      model: facts.name,
      task: 'fit',
      params: training.model.params.total,
      trainableParams: training.model.params.trainable,
      epochs: resume?.epochs ?? plan.fit.epochs,
      stepsPerEpoch: training.stepsPerEpoch,
      samples: sampleCount(data.train.x),
      validationSamples: data.validation ? sampleCount(data.validation.x) : 0,
      batchSize: plan.fit.batchSize,
      metrics: training.objective.names,
      monitor,
      execution: training.execution(),
      ...(resume && { resumedFrom: { epoch: resume.epoch, step: resume.iteration } }),
    });
    const callbacks = createCallbacks(plan.callbacks, message => emit({ type: 'log', level: 'warning', message }));
    const outcome = await runLoop({
      work: training,
      epochs: plan.fit.epochs,
      monitor,
      callbacks,
      control: context.control,
      emit,
      logBlocked: () => context.logBlocked(),
      resume,
    });
    if (outcome.reason !== 'stop-now') training.export(data.train, plan);
    return { ...outcome, output: RUN_FILES.output } satisfies ProgramResult;
  } finally {
    training.dispose();
  }
};
