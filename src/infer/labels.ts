/** Do labels of this shape fit an output of that shape under a loss? The rules of Keras 3, one function each. */
import { type Dim, isKnown, known, same } from '../ir/dim';
import { isRanked, ranked, type RankedShape, type Shape } from '../ir/shape';
import { ELEMENTWISE } from './losses';

const ONE = known(1);

/** `squeeze_or_expand_to_same_rank` in keras/src/losses/loss.py. Undefined where an unknown length decides. */
function toSameRank(labels: RankedShape, output: RankedShape): readonly [RankedShape, RankedShape] | undefined {
  const [l, o] = [labels.dims, output.dims];
  if (l.length === o.length + 1) {
    const one = same(l.at(-1)!, ONE);
    if (one === 'maybe') return undefined;
    if (one === 'yes') return o.length === 1 ? [labels, ranked([...o, ONE])] : [ranked(l.slice(0, -1)), output];
  }
  if (o.length === l.length + 1) {
    const one = same(o.at(-1)!, ONE);
    if (one === 'maybe') return undefined;
    if (one === 'yes') return l.length === 1 ? [ranked([...l, ONE]), output] : [labels, ranked(o.slice(0, -1))];
  }
  return [labels, output];
}

/** True where `fit` surely raises. The first axis is the batch, which both share. */
export function labelFault(loss: string, labels: Shape, output: Shape, batchSize: number | undefined): boolean {
  if (!isRanked(labels) || !isRanked(output)) return false;
  const adjusted = toSameRank(labels, output);
  if (!adjusted) return false;
  const [l, o] = adjusted.map(s => s.dims) as [readonly Dim[], readonly Dim[]];
  switch (loss) {
    case 'categorical_crossentropy': case 'binary_crossentropy': case 'categorical_focal_crossentropy': case 'binary_focal_crossentropy':
      return l.length !== o.length || anyDiffers(l.slice(1), o.slice(1));
    case 'sparse_categorical_crossentropy': return sparseFault(l, o);
    default: return ELEMENTWISE.has(loss) && broadcastFault(l, o, batchSize);
  }
}

/** Labels have the output's axes but the last; a last axis of length 1 is taken away first. */
function sparseFault(l: readonly Dim[], o: readonly Dim[]): boolean {
  let labels = l;
  if (l.length === o.length) {
    const one = same(l.at(-1)!, ONE);
    if (one === 'maybe') return false;
    if (one === 'yes') labels = l.slice(0, -1);
  }
  return labels.length !== o.length - 1 || anyDiffers(labels.slice(1), o.slice(1, -1));
}

function anyDiffers(a: readonly Dim[], b: readonly Dim[]): boolean {
  return a.some((d, i) => b[i] !== undefined && same(d, b[i]) === 'no');
}

/** NumPy's broadcasting, batch included: labels `(n,)` against `(n, 4)` fail wherever a batch is not just 4 long. */
function broadcastFault(l: readonly Dim[], o: readonly Dim[], batchSize: number | undefined): boolean {
  const clash = (a: Dim, b: Dim): boolean => isKnown(a) && isKnown(b) && a.value !== 1 && b.value !== 1 && a.value !== b.value;
  for (let back = 1; back <= Math.min(l.length, o.length); back++) {
    const [a, b] = [l[l.length - back]!, o[o.length - back]!];
    const [aIsBatch, bIsBatch] = [back === l.length, back === o.length];
    if (aIsBatch && bIsBatch) continue;
    if (!aIsBatch && !bIsBatch) {
      if (clash(a, b)) return true;
      continue;
    }
    // The batch of one stands against an axis of the other.
    const batch = aIsBatch ? a : b;
    const axis = aIsBatch ? b : a;
    const first = isKnown(batch) && batchSize !== undefined ? Math.min(batch.value, batchSize) : undefined;
    if (first !== undefined && clash(known(first), axis)) return true;
  }
  return false;
}
