/** Attention layers (`keras/src/layers/attention`). */
import type { Call, Forward, LayerKind, Making, MaskRule, Tensor } from './layer';
import type { Tf } from '../compile';
import { repeat } from './gradient';

/** Lower triangle: query i may look at key j ≤ i. Shape `[1, queries, keys]`, 1 where it may. */
function causal(tf: Tf, queries: number, keys: number): Tensor {
  return tf.expandDims(
    tf.cast(tf.greaterEqual(tf.expandDims(tf.range(0, queries), 1), tf.expandDims(tf.range(0, keys), 0)), 'float32'),
    0,
  );
}

const and = (tf: Tf, a: Tensor | null, b: Tensor | null): Tensor | null => (a && b ? tf.mul(a, b) : (a ?? b));
const asNumbers = (tf: Tf, mask: Tensor | null | undefined): Tensor | null => (mask ? tf.cast(mask, 'float32') : null);

/** The mask of the query goes on. */
const queryMask: MaskRule = (_inputs, { masks }) => masks[0] ?? null;

/**
 * Which input is which. Attention layers take `[query, value]` or `[query, value, key]`; MultiHeadAttention the same
 * side by side or by keyword, with `attention_mask` possibly among them.
 */
function roles(
  inputs: Tensor[],
  call: Call,
): Record<'query' | 'value' | 'key', Tensor> & { mask: Tensor | null; index: Record<string, number> } {
  const positional = ['query', 'value', 'key'];
  const given = typeof call.structure === 'string' ? [] : call.structure;
  const names =
    given.length === inputs.length
      ? given.map((name, i) => (/^\d+$/.test(name) || name === 'inputs' ? positional[i]! : name))
      : inputs.map((_, i) => positional[i] ?? 'attention_mask');
  const index = Object.fromEntries(names.map((name, i) => [name, i]));
  const find = (name: string): Tensor | null => (index[name] === undefined ? null : inputs[index[name]]!);
  const value = find('value') ?? inputs[1]!;
  return { query: find('query') ?? inputs[0]!, value, key: find('key') ?? value, mask: find('attention_mask'), index };
}

const dotOrAdditive =
  (additive: boolean): LayerKind =>
  make => {
    const { tf, config } = make;
    const mode = additive ? 'additive' : config.text('score_mode', 'dot');
    const useScale = config.flag('use_scale', additive);
    const depth = make.shape[make.shape.length - 1]!;
    const scale = !useScale
      ? null
      : additive
        ? make.weight('scale', [depth], { initializer: 'glorot_uniform' })
        : make.weight('scale', [], { initializer: 'ones' });
    const concatWeight = mode === 'concat' ? make.weight('concat_score_weight', [], { initializer: 'ones' }) : null;
    const rate = config.number('dropout', 0);

    const scoresOf = (q: Tensor, k: Tensor): Tensor => {
      if (mode === 'dot') {
        const scores = tf.matMul<Tensor>(q, k, false, true);
        return scale ? tf.mul(scores, scale) : scores;
      }
      const sum = tf.add(tf.expandDims(q, -2), tf.expandDims(k, -3));
      if (mode === 'additive') {
        const terms = tf.tanh(sum);
        return tf.sum(scale ? tf.mul(scale, terms) : terms, -1);
      }
      return tf.mul(concatWeight!, tf.sum(tf.tanh(scale ? tf.mul(scale, sum) : sum), -1));
    };

    const forward: Forward = (inputs, call) => {
      const { query, value, key, index } = roles(inputs, call);
      let scores = scoresOf(query, key);
      const valueMask = asNumbers(tf, call.masks[index.value ?? 1]);
      let allowed = valueMask ? tf.expandDims(valueMask, -2) : null;
      if (call.config.flag('use_causal_mask', false)) {
        allowed = and(tf, allowed, causal(tf, scores.shape[1]!, scores.shape[2]!));
      }
      if (allowed) scores = tf.sub(scores, tf.mul(1e9, tf.sub(1, allowed)));
      let weights: Tensor = tf.softmax(scores);
      if (call.training && rate > 0) weights = tf.dropout(weights, rate);
      let y: Tensor = tf.matMul(weights, value);
      const own = asNumbers(tf, call.masks[index.query ?? 0]);
      if (own) y = tf.mul(y, tf.expandDims(own, -1));
      return call.config.flag('return_attention_scores', false) ? [y, weights] : y;
    };
    return { forward, mask: queryMask };
  };

/** A projection of the last axis into heads: `[batch, time, depth] → [batch, time, heads, size]`. */
function headProjection(make: Making, name: string, depth: number, heads: number, size: number): (x: Tensor) => Tensor {
  const { tf } = make;
  const part = make.inner(name, 'EinsumDense', make.config.raw);
  const kernel = part.configured('kernel', [depth, heads, size], 'glorot_uniform');
  const bias = make.config.flag('use_bias', true) ? part.configured('bias', [heads, size], 'zeros') : null;
  return x => {
    const rows = tf.matMul<Tensor>(tf.reshape(x, [-1, depth]), tf.reshape(kernel, [depth, heads * size]));
    const y = bias ? tf.add(rows, tf.reshape(bias as Tensor, [heads * size])) : rows;
    return tf.reshape(y, [...x.shape.slice(0, -1), heads, size]);
  };
}

/** Vaswani et al., arXiv:1706.03762. Group-query attention (`GroupedQueryAttention`) shares key and value heads. */
const multiHead =
  (grouped: boolean): LayerKind =>
  make => {
    const { tf, config, structure } = make;
    const named = typeof structure === 'string' ? [] : structure;
    const shapeOf = (name: string, position: number): readonly number[] | undefined =>
      make.shapes[named.includes(name) ? named.indexOf(name) : position];
    const queryShape = shapeOf('query', 0)!;
    const valueShape = shapeOf('value', 1)!;
    const keyAt = named.includes('key') || (named.length === 0 && make.shapes.length > 2);
    const keyShape = keyAt ? shapeOf('key', 2)! : valueShape;
    if (queryShape.length !== 3)
      throw make.fail(`its query has rank ${queryShape.length}`, 'Use tensors of rank 3: (batch, time, depth).');
    if (!grouped && !config.isNone('attention_axes') && String(config.list('attention_axes')) !== '1')
      throw make.fail('it has attention_axes', 'Leave attention_axes out.');

    const heads = config.number(grouped ? 'num_query_heads' : 'num_heads');
    const groups = grouped ? config.number('num_key_value_heads') : heads;
    const keySize = config.number(grouped ? 'head_dim' : 'key_dim');
    const valueSize = grouped || config.isNone('value_dim') ? keySize : config.number('value_dim');
    const outputShape = config.isNone('output_shape') ? [queryShape[2]!] : config.list('output_shape');
    const rate = config.number('dropout', 0);

    const project = {
      query: headProjection(make, 'query', queryShape[2]!, heads, keySize),
      key: headProjection(make, 'key', keyShape[2]!, groups, keySize),
      value: headProjection(make, 'value', valueShape[2]!, groups, valueSize),
    };
    const end = make.inner('attention_output', 'EinsumDense', config.raw);
    const outKernel = end.configured('kernel', [heads, valueSize, ...outputShape], 'glorot_uniform');
    const outBias = config.flag('use_bias', true) ? end.configured('bias', outputShape, 'zeros') : null;
    const width = outputShape.reduce((a, b) => a * b, 1);
    const repeats = heads / groups;

    const spread = (x: Tensor): Tensor => {
      // [B, S, G, H] → [B, S, N, H], each group serving `repeats` heads in a row.
      if (repeats === 1) return x;
      const [b, s, g, h] = x.shape as [number, number, number, number];
      return tf.reshape(repeat(tf, tf.reshape(x, [b * s, g, h]), 1, repeats), [b, s, g * repeats, h]);
    };

    const forward: Forward = (inputs, call) => {
      const { query, value, key, mask, index } = roles(inputs, call);
      const q = tf.mul(project.query(query), 1 / Math.sqrt(keySize));
      const [k, v] = [spread(project.key(key)), spread(project.value(value))];
      // [B, T, N, H] × [B, S, N, H] → [B, N, T, S]
      let scores = tf.matMul<Tensor>(tf.transpose(q, [0, 2, 1, 3]), tf.transpose(k, [0, 2, 1, 3]), false, true);
      const [queries, keys] = [query.shape[1]!, key.shape[1]!];

      const along = (i: number | undefined, axis: number): Tensor | null => {
        const own = i === undefined ? null : asNumbers(tf, call.masks[i]);
        return own ? tf.expandDims(own, axis) : null;
      };
      let allowed = along(index.query ?? 0, 2); // [B, T, 1]
      allowed = and(tf, allowed, along(index.value ?? 1, 1)); // [B, 1, S]
      if (index.key !== undefined && key !== value) allowed = and(tf, allowed, along(index.key, 1));
      if (call.config.flag('use_causal_mask', false)) allowed = and(tf, allowed, causal(tf, queries, keys));
      if (mask) allowed = and(tf, allowed, asNumbers(tf, mask));
      if (allowed) {
        const wide = allowed.rank === 3 ? tf.expandDims(allowed, 1) : allowed;
        scores = tf.add(scores, tf.mul(tf.sub(1, wide), -3.4028235e38 / 2));
      }
      const weights: Tensor = tf.softmax(scores);
      const dropped = call.training && rate > 0 ? tf.dropout(weights, rate) : weights;
      const context = tf.matMul<Tensor>(dropped, tf.transpose(v, [0, 2, 1, 3])); // [B, N, T, H]
      const rows = tf.reshape(tf.transpose(context, [0, 2, 1, 3]), [-1, heads * valueSize]);
      let y: Tensor = tf.matMul<Tensor>(rows, tf.reshape(outKernel, [heads * valueSize, width]));
      if (outBias) y = tf.add(y, tf.reshape(outBias as Tensor, [width]));
      y = tf.reshape(y, [query.shape[0], queries, ...outputShape]);
      return call.config.flag('return_attention_scores', false) ? [y, weights] : y;
    };
    return { forward, mask: queryMask };
  };

export const ATTENTION: Readonly<Record<string, LayerKind>> = {
  Attention: dotOrAdditive(false),
  AdditiveAttention: dotOrAdditive(true),
  MultiHeadAttention: multiHead(false),
  GroupQueryAttention: multiHead(true),
  GroupedQueryAttention: multiHead(true),
};
