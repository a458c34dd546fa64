/** What a fine-tuning would be like, before TensorFlow is loaded: its data, its updates, and the memory it takes. */
import os from 'node:os';
import type { FinetunePlan } from '../protocol/finetune-plan';
import type { FinetunePreview } from '../protocol/inspection';
import { openCheckpoint } from './checkpoint';
import { adapterParameters } from './lora';
import { estimateMemory, memorySuggestions } from './memory';
import { outputsOf, parametersOf } from './parameters';
import { loadData, openTokenizer, settledLength } from './prepare';
import { previewOf } from './tasks';
import { trainedParameters } from './trainer';

/**
 * @param free bytes of memory that the run may take
 * @throws CheckpointError, DataError or TokenizerError, as the run would
 */
export async function previewRun(
  plan: FinetunePlan,
  seed: number,
  free = os.freemem(),
): Promise<Omit<FinetunePreview, 'checkpoint'>> {
  const checkpoint = await openCheckpoint(plan.checkpoint);
  const tokenizer = await openTokenizer(checkpoint);
  const data = await loadData({ ...plan, seed });
  const { task, labels, columns, train } = data;
  const maxLength = settledLength(checkpoint, tokenizer, task, plan.maxLength);
  const { config } = checkpoint;
  const parameters = parametersOf(config, task, outputsOf(task, labels.length));
  const { loraRank: rank, loraAlpha: alpha, loraTargets: targets } = plan;
  const adapters = rank > 0 ? adapterParameters(parameters, { rank, alpha, targets }) : [];
  const frozen = { embeddings: plan.freezeEmbeddings, layers: plan.freezeLayers };
  const trained = trainedParameters({ all: [...parameters, ...adapters], adapters }, frozen);
  const trainableParams = trained.reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0);
  const { range, ...seen } = previewOf(data, tokenizer, { maxLength });
  const rows = seen.windows ?? train.length;
  // Batches are no longer than the longest text.
  const length = Math.min(maxLength, Math.max(1, seen.longest));
  const question = { config, batchSize: Math.min(plan.batchSize, rows), length, trained: trainableParams };
  return {
    ...seen,
    range: range ?? null,
    columns: {
      task,
      text: columns.text,
      pair: columns.context ?? columns.pair,
      labels: columns.labels,
      classes: labels,
    },
    updates: plan.epochs * Math.ceil(Math.ceil(rows / plan.batchSize) / plan.accumulation),
    trainableParams,
    memory: { ...estimateMemory(question), free },
    suggestions: memorySuggestions(question, free),
  };
}
