/** Functions that do what layers do: convolutions, pooling, attention, losses on tensors, and images. */
import {
  add,
  ceilDivide,
  type Dim,
  floorDivide,
  isKnown,
  known,
  multiply,
  OPEN,
  same,
  subtract,
  unknownDim,
} from '../../ir/dim';
import { fail, type Outcome } from '../../ir/fault';
import {
  isRanked,
  ranked,
  transposedWindowOutput,
  type Window,
  windowExtent,
  windowFails,
  windowOutput,
} from '../../ir/shape';
import type { Value } from '../../ir/value';
import { broadcastAll } from './arithmetic';
import type { OpSpec } from '../spec';
import { isFailed, op, type OpCall, sizesOf } from './define';

// ----------------------------------------------------------------------------------------- convolution and pooling

const isFirst = (a: OpCall): boolean => /^(channels_first|nc)/.test((a.text('data_format') ?? '').toLowerCase());

/** One integer for all spatial axes, one for each, or TensorFlow's with batch and channel around them. */
function perAxis(a: OpCall, role: string, rank: number, fallback: readonly Dim[]): readonly Dim[] {
  if (a.isNone(role)) return fallback;
  const sizes = sizesOf(a.value(role));
  if (!sizes) return fallback.map(() => unknownDim(`${role} is not known`));
  if (sizes.length === rank + 2) return isFirst(a) ? sizes.slice(2) : sizes.slice(1, -1);
  return sizes.length === 1
    ? fallback.map(() => sizes[0]!)
    : sizes.length === rank
      ? sizes
      : fallback.map(() => unknownDim(`${role} does not fit`));
}

function slide(
  a: OpCall,
  dims: readonly Dim[],
  windows: readonly Window[],
  channels: Dim,
  pooling: boolean,
): Outcome<Value> {
  const first = isFirst(a);
  const spatial: Dim[] = [];
  for (const [i, w] of windows.entries()) {
    const axis = i + (first ? 2 : 1);
    if (w.padding === 'valid' && windowFails(dims[axis]!, w)) {
      return fail({
        kind: 'window-too-large',
        axis,
        length: dims[axis]!,
        window: windowExtent(w),
        input: ranked(dims),
        pooling,
      });
    }
    spatial.push(windowOutput(dims[axis]!, w));
  }
  return assemble(a, dims, spatial, channels);
}

function assemble(a: OpCall, dims: readonly Dim[], spatial: readonly Dim[], channels: Dim): Value {
  const first = isFirst(a);
  return a.make(ranked(first ? [dims[0]!, channels, ...spatial] : [dims[0]!, ...spatial, channels]), {
    dtype: a.dtypeOf('x'),
  });
}

function windowsOf(a: OpCall, sizes: readonly Dim[], stride: readonly Dim[]): readonly Window[] | undefined {
  const padding = a.text('padding')?.toLowerCase();
  if (padding !== 'valid' && padding !== 'same') return undefined;
  const dilation = perAxis(
    a,
    'dilation',
    sizes.length,
    sizes.map(() => known(1)),
  );
  return sizes.map((size, i) => ({ size, stride: stride[i]!, dilation: dilation[i]!, padding }));
}

const pool = (a: OpCall): Outcome<Value> =>
  a.onDims('x', dims => {
    const rank = dims.length - 2;
    if (rank < 1 || rank > 3) {
      return fail({ kind: 'rank-mismatch', wanted: { atLeast: 3, atMost: 5 }, got: ranked(dims) });
    }
    const sizes = perAxis(a, 'size', rank, new Array<Dim>(rank).fill(known(2)));
    const windows = windowsOf(a, sizes, perAxis(a, 'strides', rank, sizes));
    return windows
      ? slide(a, dims, windows, dims[isFirst(a) ? 1 : dims.length - 1]!, true)
      : a.unknown('padding is not known');
  });

/** Kernel `(…size, in / groups, out)`; a depthwise one `(…size, in, multiplier)`. */
const convolution =
  (kind: 'plain' | 'depthwise' | 'separable') =>
  (a: OpCall): Outcome<Value> => {
    const kernel = a.dims('kernel');
    return a.onDims(
      'x',
      dims => {
        const rank = dims.length - 2;
        if (!kernel) return a.unknown('the kernel is not known');
        if (kernel.length !== dims.length) {
          return fail({ kind: 'rank-mismatch', wanted: { exact: kernel.length }, got: ranked(dims) });
        }
        const channel = isFirst(a) ? 1 : dims.length - 1;
        const [depth, last] = [kernel.at(-2)!, kernel.at(-1)!];
        const input = dims[channel]!;
        const divides = isKnown(input) && isKnown(depth) && depth.value > 0 && input.value % depth.value === 0;
        if (same(input, depth) === 'no' && !(kind === 'plain' && divides)) {
          return fail({ kind: 'axis-mismatch', axis: channel, wanted: depth, got: input, input: ranked(dims) });
        }
        const windows = windowsOf(
          a,
          kernel.slice(0, rank),
          perAxis(a, 'strides', rank, new Array<Dim>(rank).fill(known(1))),
        );
        const pointwise =
          kind === 'separable'
            ? (a.dims('pointwise')?.at(-1) ?? unknownDim('the pointwise kernel is not known'))
            : last;
        return windows
          ? slide(a, dims, windows, kind === 'depthwise' ? multiply(depth, last) : pointwise, false)
          : a.unknown('padding is not known');
      },
      3,
    );
  };

/** Keras's kernel of a transposed convolution is `(…size, out, in)`. */
function convTranspose(a: OpCall): Outcome<Value> {
  const kernel = a.dims('kernel');
  return a.onDims(
    'x',
    dims => {
      const rank = dims.length - 2;
      const given = a.isNone('output_shape') === false ? a.sizes('output_shape') : undefined;
      if (given) return a.make(ranked(given));
      const windows =
        kernel && windowsOf(a, kernel.slice(0, rank), perAxis(a, 'strides', rank, new Array<Dim>(rank).fill(known(1))));
      if (!kernel || !windows || kernel.length !== dims.length) {
        return a.unknown('the kernel or the padding is not known');
      }
      const first = isFirst(a);
      const extra =
        a.isNone('output_padding') !== false
          ? undefined
          : perAxis(a, 'output_padding', rank, new Array<Dim>(rank).fill(known(0)));
      const spatial = windows.map((w, i) => transposedWindowOutput(dims[i + (first ? 2 : 1)]!, w, extra?.[i]));
      return assemble(a, dims, spatial, kernel.at(-2)!);
    },
    3,
  );
}

function adaptivePool(a: OpCall): Outcome<Value> {
  return a.onDims(
    'x',
    dims => {
      const rank = dims.length - 2;
      const sizes = perAxis(
        a,
        'size',
        rank,
        new Array<Dim>(Math.max(0, rank)).fill(unknownDim('output_size is not known')),
      );
      return assemble(a, dims, sizes, dims[isFirst(a) ? 1 : dims.length - 1]!);
    },
    3,
  );
}

// --------------------------------------------------------------------------------------------- attention and losses

/** Query `(batch, q, heads, size)` against values `(batch, v, heads, size)`. */
function attention(a: OpCall): Outcome<Value> {
  const [query, value] = [a.dims('query'), a.dims('value')];
  if (!query || !value) return a.unknown('an input has an unknown rank');
  if (value.length !== 4) return a.unknown('the values have another rank');
  if (query.length !== 4) return fail({ kind: 'rank-mismatch', wanted: { exact: 4 }, got: ranked(query) });
  return a.make(ranked([...query.slice(0, -1), value.at(-1)!]));
}

/** Cross-entropies reduce the class axis of the output. */
const crossEntropy =
  (target: 'same' | 'sparse' | 'each') =>
  (a: OpCall): Outcome<Value> => {
    const [labels, output] = [a.shape('target'), a.shape('output')];
    if (!isRanked(labels) || !isRanked(output) || output.dims.length === 0 || labels.dims.length === 0) {
      return a.unknown('labels or output are not known');
    }
    const clash =
      target === 'sparse'
        ? labels.dims.length !== output.dims.length - 1 || labels.dims.some((d, i) => same(d, output.dims[i]!) === 'no')
        : labels.dims.length !== output.dims.length || labels.dims.some((d, i) => same(d, output.dims[i]!) === 'no');
    const squeezed = target === 'sparse' && labels.dims.length === output.dims.length && isKnown(labels.dims.at(-1)!);
    if (clash && !squeezed) return fail({ kind: 'broadcast-mismatch', left: labels, right: output, axis: -1 });
    return a.make(ranked(target === 'each' ? output.dims : output.dims.slice(0, -1)));
  };

function batchNormalization(a: OpCall): Outcome<Value> {
  return a.make(a.shape('x'), { dtype: a.dtypeOf('x') });
}

function glu(a: OpCall): Outcome<Value> {
  return a.onDims('x', dims => {
    const axis = a.number('axis') ?? -1;
    const at = axis < 0 ? axis + dims.length : axis;
    return a.make(ranked(dims.map((d, i) => (i === at ? (d.kind === 'open' ? OPEN : floorDivide(d, known(2))) : d))));
  });
}

// -------------------------------------------------------------------------------------------------- segments, sound

/** `segment_sum(data, ids, num_segments)`: as many rows as segments. */
function segment(a: OpCall): Outcome<Value> {
  return a.onDims('x', dims =>
    a.make(ranked([a.isNone('num') ? OPEN : a.size('num'), ...dims.slice(1)]), { dtype: a.dtypeOf('x') }),
  );
}

/** `stft`: real and imaginary part, `(…, frames, fft_length // 2 + 1)`. */
function stft(a: OpCall): Outcome<Value> {
  return a.onDims(
    'x',
    dims => {
      const [length, stride, fft] = [a.size('length'), a.size('stride'), a.size('fft')];
      const last = dims.at(-1)!;
      const padded = a.flag('center') === false ? last : add(last, multiply(known(2), floorDivide(fft, known(2))));
      const frames =
        last.kind === 'open'
          ? OPEN
          : add(floorDivide(subtract(padded, a.flag('center') === false ? length : fft), stride), known(1));
      const shape = ranked([...dims.slice(0, -1), frames, add(floorDivide(fft, known(2)), known(1))]);
      return a.context.path.startsWith('tensorflow')
        ? a.make(shape, { dtype: 'complex64' })
        : { kind: 'tuple', items: [a.make(shape), a.make(shape)] };
    },
    1,
  );
}

// ----------------------------------------------------------------------------------------------------------- images

/** `(…, height, width, channels)` with another height and width. */
function resize(a: OpCall): Outcome<Value> {
  const sizes = a.sizes('size');
  const shape = a.shape('x');
  if (!isRanked(shape)) return a.reshaped(shape);
  const { dims } = shape;
  if (dims.length !== 3 && dims.length !== 4) {
    return fail({ kind: 'rank-mismatch', wanted: { atLeast: 3, atMost: 4 }, got: shape });
  }
  const at = dims.length - (isFirst(a) ? 2 : 3);
  const [height, width] =
    sizes?.length === 2
      ? sizes
      : sizes?.length === 1
        ? [sizes[0]!, sizes[0]!]
        : [unknownDim('the size is not known'), unknownDim('the size is not known')];
  return a.reshaped(ranked(dims.map((d, i) => (i === at ? height! : i === at + 1 ? width! : d))), 'x', {
    dtype: 'float32',
  });
}

/** Height and width by name: `crop_to_bounding_box(image, …, target_height, target_width)`. */
function targeted(a: OpCall): Outcome<Value> {
  return a.onDims('x', dims => {
    const at = dims.length - 3;
    return a.reshaped(ranked(dims.map((d, i) => (i === at ? a.size('height') : i === at + 1 ? a.size('width') : d))));
  });
}

const channels =
  (count: number) =>
  (a: OpCall): Outcome<Value> =>
    a.onDims('x', dims => a.reshaped(ranked([...dims.slice(0, -1), known(count)])));

function randomCrop(a: OpCall): Outcome<Value> {
  const sizes = a.sizes('size');
  return sizes ? a.reshaped(ranked(sizes)) : a.unknown('the size is not known');
}

/** Pictures from files have the number of channels that was asked for; their size is in the file. */
function decode(a: OpCall): Outcome<Value> {
  const count = a.number('channels');
  const depth = count ? known(count) : unknownDim('the file says how many channels');
  return a.make(ranked([unknownDim('the file says how high'), unknownDim('the file says how wide'), depth]), {
    dtype: 'uint8',
    facts: { largest: 255, scale: 1 },
  });
}

/** `load_img` with a target size gives a picture that `img_to_array` turns into `(height, width, 3)`. */
function loadImage(a: OpCall): Outcome<Value> {
  const size = a.isNone('size') ? undefined : a.sizes('size');
  const mode = a.text('color_mode') ?? 'rgb';
  const depth = known(mode === 'grayscale' ? 1 : mode === 'rgba' ? 4 : 3);
  const [height, width] =
    size?.length === 2 ? size : [unknownDim('the file says how high'), unknownDim('the file says how wide')];
  return a.make(ranked([height!, width!, depth]), {
    dtype: 'float32',
    flavour: 'numpy',
    facts: { largest: 255, scale: 1 },
  });
}

function patches(a: OpCall): Outcome<Value> {
  return a.onDims('x', dims => {
    const size = a.sizes('size');
    const window = size?.length === 4 ? size.slice(1, 3) : size?.length === 1 ? [size[0]!, size[0]!] : size;
    if (dims.length < 3 || window?.length !== 2) return a.unknown('the size of the patches is not known');
    const given = a.isNone('strides') ? undefined : a.sizes('strides');
    const stride = !given
      ? window
      : given.length === 4
        ? given.slice(1, 3)
        : given.length === 2
          ? given
          : [given[0] ?? known(1), given[0] ?? known(1)];
    const at = dims.length - 3;
    const rows = [0, 1].map(i => {
      const n = dims[at + i]!;
      if (n.kind === 'open') return OPEN;
      return a.text('padding')?.toLowerCase() === 'same'
        ? ceilDivide(n, stride[i]!)
        : add(floorDivide(subtract(n, window[i]!), stride[i]!), known(1));
    });
    return a.make(ranked([...dims.slice(0, at), ...rows, multiply(multiply(window[0]!, window[1]!), dims.at(-1)!)]), {
      dtype: a.dtypeOf('x'),
    });
  });
}

/** The broadcast of all inputs, with the last axis gone: cosine similarity and the like. */
function distance(a: OpCall): Outcome<Value> {
  const shape = broadcastAll([a.shape('target'), a.shape('output')]);
  return isFailed(shape) ? shape : a.make(isRanked(shape) ? ranked(shape.dims.slice(0, -1)) : shape);
}

/** A function of the program on each example: its result with the examples' axis in front. */
function mapped(a: OpCall): Outcome<Value> {
  const xs = a.tensor('xs');
  const shape = xs?.shape;
  if (!xs || !shape || !isRanked(shape) || shape.dims.length === 0) {
    return a.unknown('what the function is mapped over is not known');
  }
  const one = a.context.call(a.value('f'), [
    { ...xs, shape: ranked(shape.dims.slice(1)), flavour: 'tensorflow', node: undefined },
  ]);
  if (one.kind !== 'tensor') return a.unknown('what the mapped function returns is not known');
  return a.make(isRanked(one.shape) ? ranked([shape.dims[0]!, ...one.shape.dims]) : one.shape, { dtype: one.dtype });
}

const X = 'x|inputs|input|images|image|value|features';
const KERNEL =
  `${X} kernel|filters|filter strides=1 padding="valid" data_format=null ` + `dilation|dilation_rate|dilations=1`;
const POOL = `${X} size|pool_size|ksize strides=null padding="valid" data_format=null`;
const LOSS = 'target|labels|y_true output|logits|y_pred from_logits=false axis=-1';

/** Modules of keras.applications, each with a `preprocess_input` of its own. */
const MODULES = (
  'convnext densenet efficientnet efficientnet_v2 imagenet_utils inception_resnet_v2 inception_v3 ' +
  'mobilenet mobilenet_v2 mobilenet_v3 nasnet resnet resnet50 resnet_v2 vgg16 vgg19 xception'
).split(' ');

export const NEURAL_OPS: readonly OpSpec[] = [
  op(
    'k,kn:max_pool,average_pool tn:max_pool,avg_pool,max_pool1d,max_pool2d,max_pool3d,avg_pool1d,avg_pool2d,' +
      'avg_pool3d',
    POOL,
    pool,
  ),
  op('k,kn:adaptive_average_pool,adaptive_max_pool', `${X} size|output_size data_format=null`, adaptivePool),
  op('k,kn:conv tn:conv1d,conv2d,conv3d,convolution', KERNEL, convolution('plain')),
  op('k,kn:depthwise_conv tn:depthwise_conv2d', KERNEL, convolution('depthwise')),
  op(
    'k,kn:separable_conv',
    `${X} kernel|depthwise_kernel pointwise|pointwise_kernel strides=1 padding="valid" data_format=null ` +
      `dilation|dilation_rate=1`,
    convolution('separable'),
  ),
  op(
    'k,kn:conv_transpose',
    `${X} kernel strides=1 padding="valid" output_padding=null data_format=null dilation|dilation_rate=1 ` +
      `output_shape=null`,
    convTranspose,
  ),
  op(
    'tn:conv2d_transpose,conv1d_transpose,conv3d_transpose',
    `${X} kernel|filters output_shape strides padding="same" data_format=null`,
    convTranspose,
  ),
  op(
    'k,kn:batch_normalization tn:batch_normalization,bias_add,lrn,local_response_normalization kb:bias_add',
    `${X} mean variance axis`,
    batchNormalization,
  ),
  op('k,kn:glu ka:glu', `${X} axis=-1`, glu),
  op('k,kn:dot_product_attention', 'query key value', attention),
  op(
    'k,kn:categorical_crossentropy kb:categorical_crossentropy tn:softmax_cross_entropy_with_logits',
    LOSS,
    crossEntropy('same'),
  ),
  op(
    'k,kn:sparse_categorical_crossentropy kb:sparse_categorical_crossentropy ' +
      'tn:sparse_softmax_cross_entropy_with_logits',
    LOSS,
    crossEntropy('sparse'),
  ),
  op(
    'k,kn:binary_crossentropy kb:binary_crossentropy tn:sigmoid_cross_entropy_with_logits',
    LOSS,
    crossEntropy('each'),
  ),
  op(
    'k:segment_sum,segment_max,segment_min,segment_prod t,tm:segment_sum,unsorted_segment_sum,segment_mean,' +
      'unsorted_segment_mean',
    'x|data ids|segment_ids num|num_segments=null',
    segment,
  ),
  op(
    'k,tensorflow.signal:stft',
    `${X}|signals length|sequence_length|frame_length stride|sequence_stride|frame_step fft|fft_length window="hann" ` +
      `center=true`,
    stft,
  ),
  op('keras.losses:cosine_similarity', LOSS, distance),

  op(
    'ti,ki:resize ti:resize_with_pad,resize_with_crop_or_pad,resize_images',
    `${X} size interpolation|method=null antialias=null data_format=null`,
    resize,
  ),
  op(
    'ti,ki:crop_to_bounding_box,pad_to_bounding_box',
    `${X} top|offset_height left|offset_width height|target_height width|target_width`,
    targeted,
  ),
  op('ti:central_crop', X, a =>
    a.onDims('x', d =>
      a.reshaped(ranked(d.map((x, i) => (i >= d.length - 3 && i < d.length - 1 ? unknownDim('how much is kept') : x)))),
    ),
  ),
  op('ti,ki:rgb_to_grayscale', X, channels(1)),
  op('ti,ki:grayscale_to_rgb', X, channels(3)),
  op(
    'ti,ki:rgb_to_hsv,hsv_to_rgb,flip_left_right,flip_up_down,random_flip_left_right,random_flip_up_down,' +
      'random_brightness,random_contrast,random_saturation,random_hue,adjust_brightness,' +
      'adjust_contrast,adjust_saturation,adjust_hue,adjust_gamma,per_image_standardization,convert_image_dtype,rot90,' +
      'affine_transform,gaussian_blur,stateless_random_flip_left_right,' +
      'elastic_transform,perspective_transform',
    X,
    a => a.reshaped(a.shape('x')),
  ),
  op('ti:random_crop t:random_crop tr:random_crop', `${X} size`, randomCrop),
  op('ti,tensorflow.io:decode_jpeg,decode_png,decode_image,decode_bmp', 'contents channels=0', decode),
  op('ti,ki:extract_patches', `${X} size|sizes strides=null rates|dilation_rate=null padding="valid"`, patches),
  op('u:load_img keras.preprocessing.image:load_img', 'path color_mode="rgb" size|target_size=null', loadImage),
  // What each model expects of its input; the range of the numbers is another one afterwards.
  op(MODULES.map(module => `keras.applications.${module}:preprocess_input`).join(' '), X, a =>
    a.make(a.shape('x'), { dtype: 'float32' }),
  ),
  op('u:img_to_array keras.preprocessing.image:img_to_array', 'x|img', a => a.reshaped(a.shape('x'))),
  op('k:vectorized_map,map t:map_fn,vectorized_map', 'f|function|fn xs|elems|elements', mapped),
];
