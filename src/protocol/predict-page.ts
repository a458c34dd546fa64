/** What passes between the extension and the page that predicts while a person types. */
import type { Prediction, PredictorFacts } from './prediction';

export type ToPredict =
  /** What the page is for; the page keeps it, so that it can be opened again after its window was. */
  | { readonly type: 'opened'; readonly title: string; readonly checkpoint: string }
  | { readonly type: 'checkpoint'; readonly about: PredictorFacts }
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

/** What the page keeps while it is hidden, and while its window is closed. */
export interface PredictView {
  readonly title: string;
  /** A folder, or an id of the hub; empty until it is known. */
  readonly checkpoint: string;
  readonly text: string;
  readonly pair: string;
  readonly layer: number;
  /** -1: the mean of all heads. */
  readonly head: number;
}
