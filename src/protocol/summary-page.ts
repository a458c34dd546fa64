/**
 * What passes between the extension and the summary page. `model` is a `ModelFacts` (src/ir/model.ts); this room
 * imports nothing, so its type is a parameter.
 */
export type ToSummary<Model> =
  | {
      readonly type: 'model';
      readonly file: string;
      readonly model: Model;
      readonly memory: readonly { readonly name: string; readonly bytes: number }[];
    }
  /** The file no longer has such a model; the last one stays on the page. */
  | { readonly type: 'gone'; readonly message: string };

export type FromSummary =
  | { readonly type: 'ready' }
  /** Shows the line that makes this layer; `layer` is its place in `model.layers`. */
  | { readonly type: 'reveal'; readonly layer: number }
  | { readonly type: 'train' };
