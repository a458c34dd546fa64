/** What passes between the extension and the page that predicts while a person types. */
import type { Prediction, PredictorFacts } from './prediction';

export type ToPredict =
  | { readonly type: 'checkpoint'; readonly title: string; readonly folder: string; readonly about: PredictorFacts }
  /** `number` is that of the question; `milliseconds` how long the model took for it. */
  | { readonly type: 'answer'; readonly number: number; readonly prediction: Prediction; readonly milliseconds: number }
  | { readonly type: 'busy'; readonly words: string }
  | { readonly type: 'failed'; readonly message: string; readonly hint: string };

export type FromPredict =
  | { readonly type: 'ready' }
  /** Of several questions only the newest is answered. `attention`: of inputs up to so many tokens. */
  | {
      readonly type: 'predict';
      readonly number: number;
      readonly text: string;
      readonly pair?: string;
      readonly attention: number;
    }
  | { readonly type: 'choose' };

/** What the page keeps while it is hidden. */
export interface PredictView {
  readonly text: string;
  readonly pair: string;
  readonly layer: number;
  /** -1: the mean of all heads. */
  readonly head: number;
}
