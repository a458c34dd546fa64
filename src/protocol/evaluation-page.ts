/** What passes between the extension and the page of an evaluation. */
import type { EvaluationFacts } from './messages';

export type ToEvaluation =
  | { readonly type: 'busy'; readonly title: string; readonly share: number | null }
  | {
      readonly type: 'evaluation';
      readonly title: string;
      readonly task: string;
      readonly rows: number;
      readonly evaluation: EvaluationFacts;
    }
  | { readonly type: 'failed'; readonly title: string; readonly message: string; readonly hint: string };

export type FromEvaluation = { readonly type: 'ready' };
