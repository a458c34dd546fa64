/** An evaluation as people read it: class names, the words of the worst examples, and no number that is not one. */
import type { EvaluationFacts } from '../protocol/messages';
import type { Evaluation } from './metrics';
import type { Example } from './tasks';

/** A text longer than this is shown by its beginning. */
const SHOWN = 400;

/** @param outputs numbers that a regression predicts of each example, else 1 */
export function evaluationFacts(
  { metrics, confusion, worst }: Evaluation,
  labels: readonly string[],
  examples: readonly Example[],
  outputs = 1,
): EvaluationFacts {
  return {
    metrics: Object.fromEntries(Object.entries(metrics).map(([name, value]) => [name, finite(value)])),
    labels,
    confusion: confusion ?? null,
    worst: worst.flatMap(({ example, truth, predicted, score, loss }) => {
      const found = examples[Math.floor(example / outputs)];
      if (!found) return [];
      const { row, pair } = found;
      const text = typeof found.text === 'string' ? found.text : found.text.join(' ');
      const shown = { row, text: shortened(text), pair: pair === null ? null : shortened(pair) };
      return [{ ...shown, truth, predicted, score: finite(score), loss: finite(loss) }];
    }),
  };
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}

function shortened(text: string): string {
  const characters = [...text.slice(0, 2 * SHOWN)];
  return characters.length > SHOWN ? `${characters.slice(0, SHOWN).join('')}…` : text;
}
