/** What passes between the extension and the page that shows a fine-tuning before it starts. */
import type { FinetunePlan } from './finetune-plan';
import type { FinetunePreview, Suggestion } from './inspection';

/** A line of the plan: what it is and what it is set to. */
export interface PlanLine {
  readonly label: string;
  readonly value: string;
}

export type FinetuneStep = 'checkpoint' | 'data' | 'columns' | 'settings';

export type ToFinetune =
  | {
      readonly type: 'preview';
      readonly title: string;
      /** Of each step, what was chosen. */
      readonly lines: Readonly<Record<FinetuneStep, readonly PlanLine[]>>;
      readonly plan: FinetunePlan;
      readonly preview: FinetunePreview;
    }
  /** Reading the data anew; what is shown is that of before. */
  | { readonly type: 'busy'; readonly words: string }
  | { readonly type: 'failed'; readonly message: string; readonly hint: string };

export type FromFinetune =
  | { readonly type: 'ready' }
  | { readonly type: 'start' }
  /** Asks the questions from this step on again. */
  | { readonly type: 'change'; readonly step: FinetuneStep }
  | { readonly type: 'apply'; readonly changes: Suggestion['changes'] };
