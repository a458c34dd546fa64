/**
 * Image preprocessing and random augmentation: all but four leave the shape as it is. Sources:
 * keras/src/layers/preprocessing/image_preprocessing.
 */
import { known, same } from '../../ir/dim';
import { fail, type Outcome } from '../../ir/fault';
import type { ConfigValue } from '../../ir/model';
import { isRanked, ranked, type Shape } from '../../ir/shape';
import type { Value } from '../../ir/value';
import { asNumber, itemsOf, valueText } from '../arguments';
import { ANY, CHANNELS, choice, optional, required } from '../kinds';
import {
  type ArgumentKind,
  type Arguments,
  type ArgumentSpec,
  defineLayer,
  type LayerContext,
  type LayerSpec,
} from '../spec';
import { dimAt, obscure, onRanked, sameAsInput } from './layout';

/** What is checked alike by all that have it; Resizing and CenterCrop have kinds of their own. */
const KINDS: Readonly<Record<string, ArgumentKind>> = {
  data_format: CHANNELS,
  interpolation: choice('nearest', 'bilinear'),
  fill_mode: choice('reflect', 'wrap', 'constant', 'nearest', 'mirror'),
};

/** Arguments with their defaults in positional order; `undefined` means required. */
type Defaults = Readonly<Record<string, ConfigValue | undefined>>;

function parametersOf(defaults: Defaults, kinds: typeof KINDS): ArgumentSpec[] {
  return Object.entries(defaults).map(([name, value]) => {
    const kind = kinds[name] ?? ANY;
    return value === undefined ? required(name, kind) : optional(name, kind, value);
  });
}

interface Options extends Partial<LayerSpec> {
  /** Bounds that the named arguments are held against, alone or in a pair (`_FACTOR_BOUNDS`). */
  readonly bounds?: Readonly<Record<string, readonly [number, number]>>;
  /** Interpolation and fill mode may be any. */
  readonly unchecked?: true;
  /** The arguments of the example. */
  readonly example?: string;
}

const RANGE: Defaults = { value_range: [0, 255] };
const TAIL: Defaults = { seed: null, data_format: null };
const UNIT: readonly [number, number] = [0, 1];
const SIGNED: readonly [number, number] = [-1, 1];

function augmentation(
  className: string,
  doc: string,
  defaults: Defaults,
  { bounds = {}, example = '', unchecked, ...more }: Options = {},
): LayerSpec {
  return defineLayer({
    className,
    family: 'augmentation',
    doc,
    parameters: parametersOf(
      { ...defaults, ...('data_format' in defaults ? {} : { data_format: null }) },
      unchecked ? { data_format: CHANNELS } : KINDS,
    ).map(p => ('data_format' in defaults || p.name !== 'data_format' ? p : { ...p, keywordOnly: true })),
    check: args => checkBounds(args, bounds) ?? checkRange(args),
    output: sameAsInput,
    examples: [{ args: example, inputs: [[null, 32, 32, 3]] }],
    page: 'preprocessing_layers/image_augmentation',
    ...more,
  });
}

function checkBounds(args: Arguments, bounds: NonNullable<Options['bounds']>): Outcome<undefined> {
  for (const [name, [low, high]] of Object.entries(bounds)) {
    if (!args.given(name)) continue;
    const value = args.value(name);
    if (!withinBounds(value, low, high)) {
      return fail({
        kind: 'argument-invalid',
        name,
        got: valueText(value),
        wanted: `a number or a pair of numbers from ${low} to ${high}`,
      });
    }
  }
  return undefined;
}

/** A pair is held against the bounds only at its far ends, as Keras does. */
function withinBounds(value: Value, low: number, high: number): boolean {
  const items = itemsOf(value);
  if (items) {
    const [first, second] = [items[0] && asNumber(items[0]), items[1] && asNumber(items[1])];
    return items.length === 2 && !(first !== undefined && first > high) && !(second !== undefined && second < low);
  }
  const number = asNumber(value);
  return number === undefined ? value.kind !== 'string' : number >= low && number <= high;
}

function checkRange(args: Arguments): Outcome<undefined> {
  if (!args.given('value_range')) return undefined;
  const value = args.value('value_range');
  const items = itemsOf(value);
  const refused = items ? items.length !== 2 : value.kind === 'number' || value.kind === 'string';
  return refused
    ? fail({ kind: 'argument-invalid', name: 'value_range', got: valueText(value), wanted: 'a pair of numbers' })
    : undefined;
}

/** Height and width become the arguments of the same names, with or without a batch. */
function resized(c: LayerContext): Outcome<Shape> {
  return onRanked(c, dims => {
    const none = c.args.isNone('data_format');
    const format = none ? 'channels_last' : c.args.text('data_format');
    if (!format) return obscure(dims.length, 'data_format is not known');
    const height = dims.length - (format === 'channels_last' ? 3 : 2);
    if (height < 0) return fail({ kind: 'rank-mismatch', wanted: { atLeast: 3, atMost: 4 }, got: c.input });
    return ranked(
      dims.map((d, i) => (i === height ? c.args.size('height') : i === height + 1 ? c.args.size('width') : d)),
    );
  });
}

/** Layers that compute in HSV or on grey values refuse another number of channels. */
function threeChannels(c: LayerContext): Outcome<Shape> {
  if (!isRanked(c.input)) return c.input;
  const rank = c.input.dims.length;
  if (rank !== 3 && rank !== 4) return fail({ kind: 'rank-mismatch', wanted: { atLeast: 3, atMost: 4 }, got: c.input });
  const axis = c.args.text('data_format') === 'channels_first' ? -3 : -1;
  const got = dimAt(c.input, axis);
  return same(got, known(3)) === 'no'
    ? fail({ kind: 'axis-mismatch', axis, wanted: known(3), got, input: c.input })
    : c.input;
}

const GEOMETRY: Defaults = {
  fill_mode: 'reflect',
  interpolation: 'bilinear',
  seed: null,
  fill_value: 0,
  data_format: null,
};
const SIZE: Defaults = { height: undefined, width: undefined };
const factor = (bounds: readonly [number, number]): Options => ({ bounds: { factor: bounds }, example: '0.2' });

export const AUGMENTATION_LAYERS: readonly LayerSpec[] = [
  augmentation(
    'RandomFlip',
    'Mirrors images at random.',
    { mode: 'horizontal_and_vertical', ...TAIL },
    { example: "'horizontal'" },
  ),
  augmentation(
    'RandomRotation',
    'Turns images by a random angle, in parts of a full turn.',
    { factor: undefined, ...GEOMETRY },
    factor(SIGNED),
  ),
  augmentation(
    'RandomZoom',
    'Zooms images at random.',
    { height_factor: undefined, width_factor: null, ...GEOMETRY },
    { bounds: { height_factor: SIGNED, width_factor: SIGNED }, example: '0.1' },
  ),
  augmentation(
    'RandomTranslation',
    'Shifts images at random.',
    { height_factor: undefined, width_factor: undefined, ...GEOMETRY },
    { bounds: { height_factor: SIGNED, width_factor: SIGNED }, example: '0.1, 0.1' },
  ),
  augmentation(
    'RandomContrast',
    'Changes the contrast at random.',
    { factor: undefined, ...RANGE, seed: null },
    factor(UNIT),
  ),
  augmentation(
    'RandomBrightness',
    'Makes images brighter or darker at random.',
    { factor: undefined, ...RANGE, seed: null },
    factor(SIGNED),
  ),
  augmentation(
    'RandomCrop',
    'Cuts a random window of the given size out; at inference the middle.',
    { ...SIZE, ...TAIL, name: null },
    { output: resized, example: '24, 24' },
  ),
  augmentation(
    'CenterCrop',
    'Cuts the middle of the given size out.',
    { ...SIZE, data_format: null },
    {
      output: resized,
      rank: { atLeast: 3, atMost: 4 },
      example: '24, 24',
      tfjs: { factory: 'centerCrop' },
      page: 'preprocessing_layers/image_preprocessing/center_crop',
    },
  ),
  augmentation(
    'Resizing',
    'Scales images to the given size.',
    {
      ...SIZE,
      interpolation: 'bilinear',
      crop_to_aspect_ratio: false,
      pad_to_aspect_ratio: false,
      fill_mode: 'constant',
      fill_value: 0,
      antialias: false,
      data_format: null,
    },
    {
      output: resized,
      unchecked: true,
      rank: { atLeast: 3, atMost: 4 },
      example: '64, 48',
      tfjs: { factory: 'resizing' },
      page: 'preprocessing_layers/image_preprocessing/resizing',
    },
  ),
  augmentation(
    'RandomShear',
    'Slants images at random.',
    {
      x_factor: 0,
      y_factor: 0,
      interpolation: 'bilinear',
      fill_mode: 'reflect',
      fill_value: 0,
      data_format: null,
      seed: null,
    },
    { bounds: { x_factor: UNIT, y_factor: UNIT }, example: '0.1' },
  ),
  augmentation(
    'RandomPerspective',
    'Distorts the perspective at random.',
    { factor: 1, scale: 1, interpolation: 'bilinear', fill_value: 0, ...TAIL },
    factor(UNIT),
  ),
  augmentation(
    'RandomElasticTransform',
    'Warps images smoothly at random.',
    { factor: 1, scale: 1, interpolation: 'bilinear', fill_mode: 'reflect', fill_value: 0, ...RANGE, ...TAIL },
    factor(UNIT),
  ),
  augmentation(
    'RandomErasing',
    'Covers a random rectangle.',
    { factor: 1, scale: [0.02, 0.33], fill_value: null, ...RANGE, ...TAIL },
    factor(UNIT),
  ),
  augmentation(
    'RandomGaussianBlur',
    'Blurs images at random.',
    { factor: 1, kernel_size: 3, sigma: 1, ...RANGE, data_format: null, seed: null },
    factor(UNIT),
  ),
  augmentation(
    'RandomGrayscale',
    'Takes the colour out of images at random.',
    { factor: 0.5, data_format: null, seed: null },
    factor(UNIT),
  ),
  augmentation(
    'RandomHue',
    'Shifts the hue at random.',
    { factor: undefined, ...RANGE, data_format: null, seed: null },
    factor(UNIT),
  ),
  augmentation(
    'RandomSaturation',
    'Changes the saturation at random.',
    { factor: undefined, ...RANGE, data_format: null, seed: null },
    factor(SIGNED),
  ),
  augmentation(
    'RandomSharpness',
    'Changes the sharpness at random.',
    { factor: undefined, ...RANGE, data_format: null, seed: null },
    factor(UNIT),
  ),
  augmentation(
    'RandomColorDegeneration',
    'Mixes images with their grey values at random.',
    { factor: undefined, ...RANGE, data_format: null, seed: null },
    { ...factor(SIGNED), output: threeChannels },
  ),
  augmentation('RandomColorJitter', 'Changes brightness, contrast, saturation and hue at random.', {
    ...RANGE,
    brightness_factor: null,
    contrast_factor: null,
    saturation_factor: null,
    hue_factor: null,
    ...TAIL,
  }),
  augmentation('RandomInvert', 'Inverts images at random.', { factor: 1, ...RANGE, ...TAIL }, factor(UNIT)),
  augmentation(
    'RandomPosterization',
    'Leaves only some bits of each colour.',
    { factor: undefined, ...RANGE, data_format: null, seed: null },
    { bounds: { factor: [1, 8] }, example: '4' },
  ),
  augmentation(
    'Solarization',
    'Inverts values above a random threshold.',
    { addition_factor: 0, threshold_factor: 0, ...RANGE, seed: null },
    { bounds: { addition_factor: UNIT, threshold_factor: UNIT } },
  ),
  augmentation('AutoContrast', 'Stretches the contrast to the whole range.', RANGE),
  augmentation('Equalization', 'Makes the histogram even.', { ...RANGE, bins: 256, data_format: null }),
  augmentation('ContrastLimitedAdaptiveHistogramEqualization', 'Makes the histogram even tile by tile.', {
    ...RANGE,
    clip_limit: 4,
    tile_grid_size: [8, 8],
    data_format: null,
  }),
  augmentation(
    'RandAugment',
    'Applies some random augmentations of one strength.',
    { ...RANGE, num_ops: 2, factor: 0.5, interpolation: 'bilinear', ...TAIL },
    { bounds: { factor: UNIT } },
  ),
  augmentation(
    'AugMix',
    'Mixes several chains of augmentations.',
    {
      ...RANGE,
      num_chains: 3,
      chain_depth: 3,
      factor: 0.3,
      alpha: 1,
      all_ops: true,
      interpolation: 'bilinear',
      ...TAIL,
    },
    { bounds: { factor: UNIT } },
  ),
  augmentation('MixUp', 'Mixes pairs of examples and their labels.', { alpha: 0.2, data_format: null, seed: null }),
  augmentation(
    'CutMix',
    'Pastes a part of one example into another, labels likewise.',
    { factor: 1, ...TAIL },
    { bounds: { factor: UNIT } },
  ),
  augmentation(
    'MaxNumBoundingBoxes',
    'Pads or cuts bounding boxes to a fixed number.',
    { max_number: undefined, fill_value: -1 },
    { example: '10' },
  ),
];
