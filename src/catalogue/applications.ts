/**
 * The models of keras.applications: output shape as a function of the input, `include_top`, `pooling` and `classes`, the
 * number of weights, and what the builders refuse (keras/src/applications, `obtain_input_shape` in imagenet_utils.py).
 */
import {
  add,
  ceilDivide,
  type Dim,
  floorDivide,
  isKnown,
  known,
  less,
  multiply,
  OPEN,
  same,
  scale,
  subtract,
  sum,
  unknownDim,
} from '../ir/dim';
import { fail, type Outcome } from '../ir/fault';
import { isRanked, ranked, type Shape, unranked } from '../ir/shape';
import { valueText } from './arguments';
import { parseSignature } from './signature';
import type { Arguments, ArgumentSpec } from './spec';

export interface ApplicationSpec {
  readonly name: string;
  /** The name that Keras gives the model itself; see `nameOfApplication`. */
  readonly modelName: string;
  readonly parameters: readonly ArgumentSpec[];
  readonly family: Family;
  readonly row: Row;
}

/** What the models of one paper share. */
interface Family {
  /** The steps from input to feature map along one axis; see `stepOutput`. */
  readonly steps: string;
  readonly signature: string;
  /** True where even the head leaves the size of the image open. */
  readonly anySize?: true;
  /** Smallest edge that is taken; 32 unless said. */
  readonly least?: number;
  /**
   * `flat`: VGG's three dense layers on the flattened map. A number: one more layer of that width before the classes.
   */
  readonly head?: 'flat' | number;
}

/**
 * Edge of the default input, channels of the last map, weights without the head for three channels, and how many each
 * channel adds.
 */
type Row = readonly [
  size: number,
  features: number,
  trainable: number,
  other: number,
  perChannel: number,
  otherPerChannel?: number,
  /** What only a known width brings: NASNet's cells compare their inputs when they are built. */
  fixed?: readonly [trainable: number, other: number],
];

export interface ApplicationModel {
  readonly input: Shape;
  readonly output: Shape;
  /** What comes out of the built model for another input. */
  readonly outputFor: (input: Shape) => Shape;
  readonly params: { readonly total: Dim; readonly trainable: Dim; readonly nonTrainable: Dim };
}

const HEAD = 'pooling=null classes=1000 classifier_activation="softmax"';
const PLAIN = `include_top=true weights="imagenet" input_tensor=null input_shape=null ${HEAD} name=null`;

/**
 * One step along an axis: `v3/2` is a window of 3 with stride 2 and no padding, `p1` pads 1 on both sides, `s2` is
 * ceil(n / 2), `h` is floor(n / 2). `c` is the padding of `correct_pad`, which Keras works out once, when the model is
 * built: an axis that is open then is taken to be even.
 */
function stepOutput(n: Dim, step: string, builtOpen: boolean): Dim {
  const [, kind, size, stride] = /^([vpshc])(\d*)(?:\/(\d+))?$/.exec(step)!;
  if (n.kind === 'open') return OPEN;
  if (kind === 'p') return add(n, known(2 * Number(size)));
  if (kind === 'h' || (kind === 'c' && builtOpen)) return floorDivide(n, known(2));
  if (kind === 's' || kind === 'c') return ceilDivide(n, known(2));
  return add(floorDivide(subtract(n, known(Number(size))), known(Number(stride ?? 1))), known(1));
}

/** `built` is the axis of the model's own input. */
const through = (n: Dim, built: Dim, steps: string): Dim =>
  steps.split(' ').reduce((d, step) => stepOutput(d, step, built.kind === 'open'), n);

const RESNET: Family = { steps: 'p3 v7/2 p1 v3/2 s2 s2 s2', signature: PLAIN };
const DENSENET: Family = { steps: 'p3 v7/2 p1 v3/2 v2/2 v2/2 v2/2', signature: PLAIN };
const VGG: Family = { steps: 'v2/2 v2/2 v2/2 v2/2 v2/2', signature: PLAIN, head: 'flat' };
const INCEPTION: Family = { steps: 'v3/2 v3/1 v3/2 v3/1 v3/2 v3/2 v3/2', signature: PLAIN, least: 75 };
const XCEPTION: Family = { steps: 'v3/2 v3/1 s2 s2 s2 s2', signature: PLAIN, least: 71 };
const EFFICIENT: Family = { steps: 'c c c c c', signature: PLAIN };
const EFFICIENT_V2: Family = {
  steps: 's2 s2 s2 s2 s2',
  signature:
    `include_top=true weights="imagenet" input_tensor=null input_shape=null ${HEAD} ` +
    `include_preprocessing=true name=null`,
};
const CONVNEXT: Family = {
  steps: 'v4/4 v2/2 v2/2 v2/2',
  signature:
    `include_top=true include_preprocessing=true weights="imagenet" input_tensor=null input_shape=null ` +
    `${HEAD} name=null`,
};
const MOBILE_TAIL = `include_top=true weights="imagenet" input_tensor=null`;
const NASNET: Family = { steps: 'v3/2 c c c c', signature: `input_shape=null ${MOBILE_TAIL} ${HEAD} name=null` };
const MOBILE: Family = {
  steps: 's2 h h h h',
  signature: `input_shape=null alpha=1 depth_multiplier=1 dropout=0.001 ${MOBILE_TAIL} ${HEAD} name=null`,
};
const MOBILE_V2: Family = {
  steps: 's2 c c c c',
  signature: `input_shape=null alpha=1 ${MOBILE_TAIL} ${HEAD} name=null`,
};
const mobileV3 = (head: number): Family => ({
  anySize: true,
  steps: 's2 c c c c',
  head,
  signature:
    `input_shape=null alpha=1 minimalistic=false ${MOBILE_TAIL} classes=1000 pooling=null dropout_rate=0.2 ` +
    `classifier_activation="softmax" include_preprocessing=true name=null`,
});

const TABLE: readonly (readonly [name: string, family: Family, row: Row])[] = [
  ['ConvNeXtBase', CONVNEXT, [224, 1_024, 87_566_464, 0, 2_048]],
  ['ConvNeXtLarge', CONVNEXT, [224, 1_536, 196_230_336, 0, 3_072]],
  ['ConvNeXtSmall', CONVNEXT, [224, 768, 49_454_688, 0, 1_536]],
  ['ConvNeXtTiny', CONVNEXT, [224, 768, 27_820_128, 0, 1_536]],
  ['ConvNeXtXLarge', CONVNEXT, [224, 2_048, 348_147_968, 0, 4_096]],
  ['DenseNet121', DENSENET, [224, 1_024, 6_953_856, 83_648, 3_136]],
  ['DenseNet169', DENSENET, [224, 1_664, 12_484_480, 158_400, 3_136]],
  ['DenseNet201', DENSENET, [224, 1_920, 18_092_928, 229_056, 3_136]],
  ['EfficientNetB0', EFFICIENT, [224, 1_280, 4_007_548, 42_023, 288, 2]],
  ['EfficientNetB1', EFFICIENT, [240, 1_280, 6_513_184, 62_055, 288, 2]],
  ['EfficientNetB2', EFFICIENT, [260, 1_408, 7_700_994, 67_575, 288, 2]],
  ['EfficientNetB3', EFFICIENT, [300, 1_536, 10_696_232, 87_303, 360, 2]],
  ['EfficientNetB4', EFFICIENT, [380, 1_792, 17_548_616, 125_207, 432, 2]],
  ['EfficientNetB5', EFFICIENT, [456, 2_048, 28_340_784, 172_743, 432, 2]],
  ['EfficientNetB6', EFFICIENT, [528, 2_304, 40_735_704, 224_439, 504, 2]],
  ['EfficientNetB7', EFFICIENT, [600, 2_560, 63_786_960, 310_727, 576, 2]],
  ['EfficientNetV2B0', EFFICIENT_V2, [224, 1_280, 5_858_704, 60_608, 288]],
  ['EfficientNetV2B1', EFFICIENT_V2, [240, 1_280, 6_860_052, 71_072, 288]],
  ['EfficientNetV2B2', EFFICIENT_V2, [260, 1_408, 8_687_086, 82_288, 288]],
  ['EfficientNetV2B3', EFFICIENT_V2, [300, 1_536, 12_821_406, 109_216, 360]],
  ['EfficientNetV2L', EFFICIENT_V2, [480, 1_280, 117_234_272, 512_576, 288]],
  ['EfficientNetV2M', EFFICIENT_V2, [480, 1_280, 52_858_356, 292_032, 216]],
  ['EfficientNetV2S', EFFICIENT_V2, [384, 1_280, 20_177_488, 153_872, 216]],
  ['InceptionResNetV2', INCEPTION, [299, 1_536, 54_276_192, 60_544, 288]],
  ['InceptionV3', INCEPTION, [299, 2_048, 21_768_352, 34_432, 288]],
  ['MobileNet', MOBILE, [224, 1_024, 3_206_976, 21_888, 288]],
  ['MobileNetV2', MOBILE_V2, [224, 1_280, 2_223_872, 34_112, 288]],
  ['MobileNetV3Large', mobileV3(1280), [224, 960, 2_971_952, 24_400, 144]],
  ['MobileNetV3Small', mobileV3(1024), [224, 576, 927_008, 12_112, 144]],
  ['NASNetLarge', NASNET, [331, 4_032, 84_691_590, 196_332, 864, 0, [28_560, 336]]],
  ['NASNetMobile', NASNET, [224, 1_056, 4_230_954, 36_650, 288, 0, [2_024, 88]]],
  ['ResNet101', RESNET, [224, 2_048, 42_552_832, 105_344, 3_136]],
  ['ResNet101V2', RESNET, [224, 2_048, 42_528_896, 97_664, 3_136]],
  ['ResNet152', RESNET, [224, 2_048, 58_219_520, 151_424, 3_136]],
  ['ResNet152V2', RESNET, [224, 2_048, 58_187_904, 143_744, 3_136]],
  ['ResNet50', RESNET, [224, 2_048, 23_534_592, 53_120, 3_136]],
  ['ResNet50V2', RESNET, [224, 2_048, 23_519_360, 45_440, 3_136]],
  ['VGG16', VGG, [224, 512, 14_714_688, 0, 576]],
  ['VGG19', VGG, [224, 512, 20_024_384, 0, 576]],
  ['Xception', XCEPTION, [299, 2_048, 20_806_952, 54_528, 288]],
];

/** `efficientnetv2-b0`, `inception_resnet_v2`, `ResNet50V2` as `resnet50v2`: every family has its own way. */
function modelName(name: string): string {
  if (name.startsWith('MobileNet')) return name;
  if (name.startsWith('EfficientNetV2')) return `efficientnetv2-${name.slice(14).toLowerCase()}`;
  const [, family, rest] = /^(ConvNeXt|NASNet|InceptionResNet|Inception)?(.*)$/.exec(name)!;
  if (family === 'ConvNeXt' || family === 'NASNet') return `${family}_${rest}`.toLowerCase();
  return family === undefined ? name.toLowerCase() : `${family.replace('nR', 'n_R')}_${rest}`.toLowerCase();
}

const APPLICATIONS: ReadonlyMap<string, ApplicationSpec> = new Map(
  TABLE.map(([name, family, row]) => {
    let parameters: readonly ArgumentSpec[] | undefined;
    return [
      name,
      {
        name,
        modelName: modelName(name),
        family,
        row,
        get parameters() {
          return (parameters ??= parseSignature(family.signature));
        },
      },
    ] as const;
  }),
);

export function allApplications(): readonly ApplicationSpec[] {
  return [...APPLICATIONS.values()];
}

/** What Keras calls the model when the program does not; MobileNets say how wide they are and for which edge. */
export function nameOfApplication(spec: ApplicationSpec, args: Arguments): string {
  if (!/^MobileNet(V2)?$/.test(spec.name)) return spec.modelName;
  const edge = args.isNone('input_shape') === false ? args.shape('input_shape')?.[0] : undefined;
  const rows = edge && isKnown(edge) && MOBILE_EDGES.includes(edge.value) ? edge.value : 224;
  return `${spec.name.toLowerCase()}_${(args.number('alpha') ?? 1).toFixed(2)}_${rows}`;
}

/** Edges for which there are weights. */
const MOBILE_EDGES = [96, 128, 160, 192, 224];

/** By canonical path: `keras.applications.VGG16`. */
export function applicationByPath(path: string): ApplicationSpec | undefined {
  const name = /^keras\.applications\.(?:\w+\.)?(\w+)$/.exec(path)?.[1];
  return name === undefined ? undefined : APPLICATIONS.get(name);
}

/** What the builder makes, or why it refuses. */
export function applicationModel(spec: ApplicationSpec, args: Arguments): Outcome<ApplicationModel> {
  const top = args.flag('include_top');
  const imagenet = args.text('weights') === 'imagenet';
  const weights = args.value('weights');
  const given = args.isNone('input_shape') === false ? args.shape('input_shape') : undefined;
  if (top && imagenet && same(args.size('classes'), known(1000)) === 'no') {
    return fail({
      kind: 'argument-conflict',
      names: ['classes', 'weights'],
      why: "with include_top and weights='imagenet' there are 1000 classes",
    });
  }
  if (weights.kind === 'string' && !imagenet && !/[./\\]/.test(weights.value)) {
    return fail({
      kind: 'argument-invalid',
      name: 'weights',
      got: valueText(weights),
      wanted: "None, 'imagenet' or a file of weights",
      suggestion: 'imagenet',
    });
  }
  const refused = given && checkShape(spec, given, top, imagenet);
  if (refused) return refused;
  const unsure = unknownDim('an argument of the model is not known');
  const [size, features] = spec.row;
  const fallback = top === false || spec.family.anySize ? OPEN : top ? known(size) : unsure;
  const tensor = args.value('input_tensor');
  const fed =
    tensor.kind === 'tensor' && isRanked(tensor.shape) && tensor.shape.dims.length === 4
      ? tensor.shape.dims.slice(1)
      : undefined;
  const shape =
    fed ??
    given ??
    (args.isNone('input_shape') && args.isNone('input_tensor')
      ? [fallback, fallback, known(3)]
      : [unsure, unsure, unsure]);
  const [height, width, channels] = shape as [Dim, Dim, Dim];
  // Another width changes every layer, and with it every count.
  const scaled = ['alpha', 'depth_multiplier', 'minimalistic'].some(
    name => args.given(name) && args.number(name) !== (name === 'minimalistic' ? 0 : 1),
  );
  const depth = scaled ? unknownDim('alpha changes the number of channels') : known(features);
  const mapOf = (h: Dim, w: Dim): readonly Dim[] => [
    through(h, height, spec.family.steps),
    through(w, width, spec.family.steps),
  ];
  const unpooled = args.isNone('pooling');
  const outputFor = (input: Shape): Shape => {
    if (top === undefined) return unranked('include_top is not known');
    if (!top && unpooled === undefined) return unranked('pooling is not known');
    const [batch, h, w] =
      isRanked(input) && input.dims.length === 4
        ? (input.dims as [Dim, Dim, Dim, Dim])
        : ([OPEN, unsure, unsure] as const);
    return ranked(top ? [batch, args.size('classes')] : unpooled ? [batch, ...mapOf(h, w), depth] : [batch, depth]);
  };
  const input = ranked([OPEN, ...shape]);
  return {
    input,
    output: outputFor(input),
    outputFor,
    params: counts(spec, args, scaled ? undefined : top, channels, mapOf(height, width), width),
  };
}

/** `obtain_input_shape`. */
function checkShape(
  spec: ApplicationSpec,
  given: readonly Dim[],
  top: boolean | undefined,
  imagenet: boolean,
): Outcome<undefined> {
  const [size] = spec.row;
  const least = spec.family.least ?? 32;
  const text = (wanted: string): Outcome<undefined> =>
    fail({
      kind: 'argument-invalid',
      name: 'input_shape',
      got: `(${given.map(d => (d.kind === 'open' ? 'None' : isKnown(d) ? d.value : '?')).join(', ')})`,
      wanted,
    });
  if (given.length !== 3) return text('three integers: height, width, channels');
  const [height, width, channels] = given as [Dim, Dim, Dim];
  // MobileNets have weights for several edges.
  const fixed = !spec.name.startsWith('MobileNet');
  if (
    top &&
    imagenet &&
    fixed &&
    (same(height, known(size)) === 'no' || same(width, known(size)) === 'no' || same(channels, known(3)) === 'no')
  ) {
    return text(`(${size}, ${size}, 3) with include_top and weights='imagenet'`);
  }
  if (imagenet && same(channels, known(3)) === 'no') return text("3 channels with weights='imagenet'");
  if (less(height, known(least)) === 'yes' || less(width, known(least)) === 'yes') {
    return text(`at least ${least} × ${least}`);
  }
  return top && !spec.family.anySize && given.some(d => d.kind === 'open')
    ? text('a known height and width with include_top')
    : undefined;
}

function counts(
  spec: ApplicationSpec,
  args: Arguments,
  top: boolean | undefined,
  channels: Dim,
  map: readonly Dim[],
  width: Dim,
): ApplicationModel['params'] {
  const unsure = unknownDim('an argument of the model is not known');
  if (top === undefined) return { total: unsure, trainable: unsure, nonTrainable: unsure };
  const [, features, trainable, other, perChannel, otherPerChannel = 0, fixed = [0, 0]] = spec.row;
  const extra = subtract(channels, known(3));
  const classes = args.size('classes');
  const dense = (from: Dim, to: Dim): Dim => multiply(add(from, known(1)), to);
  const { head } = spec.family;
  const wide = known(typeof head === 'number' ? head : 4096);
  const flat = multiply(multiply(map[0]!, map[1]!), known(features));
  const topWeights = !top
    ? []
    : head === 'flat'
      ? [dense(flat, wide), dense(wide, wide), dense(wide, classes)]
      : head === undefined
        ? [dense(known(features), classes)]
        : [dense(known(features), wide), dense(wide, classes)];
  const brings = (i: 0 | 1): Dim =>
    width.kind === 'open' || fixed[i] === 0 ? known(0) : width.kind === 'unknown' ? unsure : known(fixed[i]);
  const own = sum([known(trainable), brings(0), scale(extra, perChannel), ...topWeights]);
  const rest = sum([known(other), brings(1), scale(extra, otherPerChannel)]);
  return { total: add(own, rest), trainable: own, nonTrainable: rest };
}
