/** "Fine-tune" above every pretrained model of a file, with what the file says of its training. */
import type { Analysis } from './analysis';
import { pretrainedModels, type PretrainedModel } from './pretrained';

export interface FinetuneLens {
  readonly offset: number;
  readonly title: string;
  readonly model: PretrainedModel;
}

export function finetuneLenses(analysis: Pick<Analysis, 'text' | 'program'>): FinetuneLens[] {
  return pretrainedModels(analysis).map(model => ({
    offset: model.offset,
    title: `Fine-tune ${model.checkpoint ?? 'this checkpoint'}`,
    model,
  }));
}
