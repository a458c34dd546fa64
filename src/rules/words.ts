/** Turns of phrase that several rules share. */
import type { Dim } from '../ir/dim';
import { dimText } from '../ir/dim';
import type { Fault, RankWanted } from '../ir/fault';
import { isRanked, type Shape } from '../ir/shape';
import { nameIn, shapeIn } from './dialect';
import type { Related, RuleContext } from './rule';

/** The layer as the framework calls it, with its class: `conv2d_1` (Conv2D). */
export function named(fault: Fault): string {
  return fault.className && fault.className !== fault.callee && !fault.callee.includes('.')
    ? `\`${fault.callee}\` (${fault.className})`
    : `\`${fault.callee}\``;
}

/** What the axes of an input mean for a layer; the channels stand last. */
const AXES: readonly (readonly [RegExp, string])[] = [
  [
    /^(Separable|Depthwise)?Conv1D|Pooling1D|^(ZeroPadding|Cropping|UpSampling)1D|^SpatialDropout1D/,
    '(batch, steps, channels)',
  ],
  [
    /^(Separable|Depthwise)?Conv2D|Pooling2D|^(ZeroPadding|Cropping|UpSampling)2D|^SpatialDropout2D/,
    '(batch, height, width, channels)',
  ],
  [
    /^Conv3D|Pooling3D|^(ZeroPadding|Cropping|UpSampling)3D|^SpatialDropout3D/,
    '(batch, depth, height, width, channels)',
  ],
  [/^(LSTM|GRU|SimpleRNN|RNN|Bidirectional)$/, '(batch, timesteps, features)'],
  [/^ConvLSTM2D$/, '(batch, time, height, width, channels)'],
  [/^Dense$/, '(batch, …, features)'],
  [/^RepeatVector$/, '(batch, features)'],
];

export function axesOf(className: string | undefined): string | undefined {
  return AXES.find(([pattern]) => pattern.test(className ?? ''))?.[1];
}

export function rankText(wanted: RankWanted): string {
  const { exact, atLeast, atMost } = wanted;
  if (exact !== undefined) return axes(exact);
  if (atLeast !== undefined && atMost !== undefined) return `${atLeast} to ${axes(atMost)}`;
  if (atLeast !== undefined) return `at least ${axes(atLeast)}`;
  return `at most ${axes(atMost ?? 0)}`;
}

export function axes(n: number): string {
  return n === 1 ? '1 axis' : `${n} axes`;
}

export function rankOf(s: Shape): string {
  return isRanked(s) ? axes(s.dims.length) : 'an unknown number of axes';
}

/** `axis 1`, and from the end where it is counted from there: `the last axis`. */
export function axisName(axis: number): string {
  return axis === -1 ? 'the last axis' : axis < 0 ? `axis ${axis}` : `axis ${axis}`;
}

export function shapes(cx: RuleContext, all: readonly Shape[]): string {
  return all.length === 2
    ? `${shapeIn(cx, all[0]!)} and ${shapeIn(cx, all[1]!)}`
    : all.map(s => shapeIn(cx, s)).join(', ');
}

export function count(d: Dim): string {
  return dimText(d);
}

/** The places behind a fault: where the layer was made, where its input came from, which calls led there. */
export function relatedOf(fault: Fault): Related[] {
  const own = fault.origins
    .filter(o => o.place.file !== undefined || o.place.start !== fault.place.start || o.place.end !== fault.place.end)
    .map(o => ({ message: originText(o.what), place: o.place }));
  const callers = (fault.callers ?? []).map(c => ({ message: `in the call of \`${c.what}\``, place: c.place }));
  return unique([...own, ...callers]);
}

function originText(what: string): string {
  switch (what) {
    case 'data':
      return 'the data comes from here';
    case 'labels':
      return 'the labels come from here';
    case 'left':
      return 'the left operand comes from here';
    case 'right':
      return 'the right operand comes from here';
    case 'tensor':
    case 'input':
      return 'the input comes from here';
    default:
      return `\`${what}\` is made here`;
  }
}

function unique(all: readonly Related[]): Related[] {
  const seen = new Set<string>();
  return all.filter(r => {
    const key = `${r.place.file ?? ''}:${r.place.start}:${r.place.end}`;
    return !seen.has(key) && seen.add(key);
  });
}

/** A loss as its author knows it. */
export function lossText(cx: RuleContext, name: string): string {
  return `\`${nameIn(cx, name)}\``;
}
