/** One layer call as a fact. What an editor may never ask for is worked out when it does. */
import { countWeights, shapesOf } from '../catalogue/apply';
import { explainParameters } from '../catalogue/explain';
import type { Dim } from '../ir/dim';
import { isRanked, ranked, type Shape } from '../ir/shape';
import type { Place } from '../ir/span';
import type { LayerCallFact } from './facts';
import { type LayerObject, ModelObject } from './graph';
import type { Result } from './layers';

/** More weights than this and their sum says more than their list. */
const MOST_EXPLAINED = 12;

export class LayerCallRecord implements LayerCallFact {
  readonly kind: LayerCallFact['kind'];
  readonly made: Place;
  readonly name: string;
  readonly className: string;
  readonly outputs: readonly Shape[];
  private readonly isTrainable: boolean;
  private counted: Dim | undefined;

  constructor(
    readonly place: Place,
    private readonly layer: LayerObject,
    readonly inputs: readonly Shape[],
    private readonly applied: Result,
  ) {
    this.kind = layer instanceof ModelObject ? 'model' : layer.className === 'InputLayer' ? 'input' : 'layer';
    this.made = layer.site.place;
    this.name = layer.name;
    this.className = layer.className;
    this.outputs = shapesOf(applied.output);
    this.isTrainable = layer.trainable !== false;
  }

  get params(): Dim | undefined {
    return (this.counted ??= this.applied.weights && countWeights(this.applied.weights));
  }

  get weights(): LayerCallFact['weights'] {
    return (this.applied.weights ?? []).map(w => ({
      name: w.name,
      shape: ranked(w.shape),
      trainable: w.trainable !== false && this.isTrainable,
    }));
  }

  get why(): string | undefined {
    for (const shape of this.outputs) {
      if (!isRanked(shape)) return shape.why;
      const lost = shape.dims.find(d => d.kind === 'unknown');
      if (lost?.kind === 'unknown') return lost.why;
    }
    return this.params?.kind === 'unknown' ? this.params.why : undefined;
  }

  get doc(): string | undefined {
    return this.layer.spec?.doc;
  }

  get page(): string | undefined {
    return this.layer.spec?.page;
  }

  explain(): readonly string[] {
    const { weights, context, output } = this.applied;
    const lines = context && this.layer.spec?.explain ? [...this.layer.spec.explain(context, output)] : [];
    const parameters =
      weights && weights.length > 0 && weights.length <= MOST_EXPLAINED ? explainParameters(weights) : undefined;
    return parameters === undefined ? lines : [...lines, parameters];
  }
}
