/** Train and Summary above every model. */
import type { Facts } from '../infer/facts';

export interface CodeLens {
  /** The start of the statement that builds the model. */
  readonly offset: number;
  readonly action: 'train' | 'summary';
  readonly title: string;
  /** The variable, function or class. */
  readonly model: string;
}

export function codeLenses(facts: Facts): CodeLens[] {
  return facts.models.flatMap(({ binding, className, layerCount, statement, boundBy }) => {
    const at = { offset: statement.start, model: binding };
    const what = boundBy === 'variable' ? binding : `${binding}()`;
    const lenses: CodeLens[] = [{ ...at, action: 'summary', title: `Summary of ${what}` }];
    // A model whose layers are not known cannot be built in the training process.
    if (layerCount > 0 && className !== 'Model') lenses.unshift({ ...at, action: 'train', title: `Train ${what}` });
    return lenses;
  });
}
