/** Ops on each element: one input keeps its shape, several are broadcast. */
import { fail, type Outcome } from '../../ir/fault';
import { broadcast, isBroadcastFailure, type Shape } from '../../ir/shape';
import type { DataFacts, Value } from '../../ir/value';
import type { OpSpec } from '../spec';
import { op, type OpCall, shapeOfValue } from './define';

/** The broadcast of several shapes, or the clash. */
export function broadcastAll(shapes: readonly Shape[]): Outcome<Shape> {
  let out = shapes[0]!;
  for (const next of shapes.slice(1)) {
    const both = broadcast(out, next);
    if (isBroadcastFailure(both)) return fail({ kind: 'broadcast-mismatch', left: out, right: next, axis: both.axis });
    out = both;
  }
  return out;
}

function unary(a: OpCall): Outcome<Value> {
  return a.make(a.shape('x'), { dtype: a.dtypeOf() });
}

/** Rounding, clipping and casts keep what is known of the numbers. */
function keeping(a: OpCall): Outcome<Value> {
  return a.make(a.shape('x'), { dtype: a.dtype() ?? a.dtypeOf(), facts: a.facts() });
}

function predicate(a: OpCall): Outcome<Value> {
  return a.make(a.shape('x'), { dtype: 'bool' });
}

function binary(a: OpCall): Outcome<Value> {
  const shape = broadcastAll([a.shape('x1'), a.shape('x2')]);
  return 'detail' in shape ? shape : a.make(shape, { dtype: a.dtypeOf('x1') ?? a.dtypeOf('x2'), facts: scaled(a) });
}

/** `np.divide(x, 255)`: the numbers are the same but for a factor. */
function scaled(a: OpCall): DataFacts | undefined {
  const facts = a.facts('x1');
  const by = a.number('x2');
  const name = a.context.path.slice(a.context.path.lastIndexOf('.') + 1);
  if (!facts || by === undefined || by === 0) return undefined;
  const factor = /^(divide|true_divide|truediv)$/.test(name) ? 1 / by : /^(multiply|mul)$/.test(name) ? by : undefined;
  return factor === undefined ? undefined : { ...facts, scale: (facts.scale ?? 1) * factor };
}

function comparison(a: OpCall): Outcome<Value> {
  const shape = broadcastAll([a.shape('x1'), a.shape('x2')]);
  return 'detail' in shape ? shape : a.make(shape, { dtype: 'bool' });
}

function where(a: OpCall): Outcome<Value> {
  if (!a.given('x1')) return a.unknown('how many elements are selected');
  const shape = broadcastAll([a.shape('condition'), a.shape('x1'), a.shape('x2')]);
  return 'detail' in shape ? shape : a.make(shape, { dtype: a.dtypeOf('x1') });
}

/** `add_n`, `np.sum([a, b], axis=0)` excepted: a list of tensors of one shape. */
function addN(a: OpCall): Outcome<Value> {
  const items = a.items('inputs');
  if (!items || items.length === 0) return a.unknown('the list of inputs is not known');
  const shape = broadcastAll(items.map(shapeOfValue));
  return 'detail' in shape ? shape : a.make(shape);
}

const X = 'x|a|input|inputs|features|tensor|array|logits|value|input_tensor';
const PAIR = 'x1|x|a|x_1 x2|y|b|x_2 out=null dtype=null name=null';

export const ARITHMETIC_OPS: readonly OpSpec[] = [
  op('k,n,tm:log1p,expm1,log,erf,erfinv,rsqrt,reciprocal,ceil,conj,real,imag,angle,softplus kb:log', X, unary),
  op(
    'k,n,t,tm,kb,m:abs,exp,sqrt,square,sign,sin,cos,tan,sinh,cosh,tanh,negative,floor,sigmoid,softsign,stop_gradient',
    X,
    unary,
  ),
  op('t,m:identity', X, keeping),
  op(
    'k,n:absolute,arccos,arccosh,arcsin,arcsinh,arctan,arctanh,cbrt,conjugate,deg2rad,rad2deg,degrees,radians,exp2,' +
      'fabs,i0,log10,log2,nan_to_num,sinc,trunc,bitwise_not,' +
      'invert,bitwise_invert,rint,fix,bartlett,view_as_real',
    X,
    unary,
  ),
  op('t,tm:acos,acosh,asin,asinh,atan,atanh,digamma,lgamma,bessel_i0', X, unary),
  // Activations; TensorFlow has them in `nn`, Keras among its ops and its activations.
  op(
    'k,tn,ka,kn:relu,relu6,elu,selu,gelu,silu,swish,softmax,log_softmax,leaky_relu,hard_sigmoid,hard_silu,' +
      'hard_swish,hard_tanh,celu,' +
      'log_sigmoid,linear,exponential,mish,' +
      'crelu,sparsemax,sparse_plus,sparse_sigmoid,squareplus,tanh_shrink,hard_shrink,soft_shrink,threshold tn,ka,' +
      'kn:sigmoid,tanh,softplus,softsign',
    `${X} axis=-1`,
    unary,
  ),
  op('kb:relu,softmax,elu,hard_sigmoid', `${X} axis=-1`, unary),
  op('k,kn:normalize,rms_normalization', `${X} axis=-1`, unary),
  op('k:layer_normalization', `${X} gamma=null beta=null axis=-1`, unary),
  op('u:normalize t,tm,tl:l2_normalize tn:l2_normalize kb:l2_normalize', `${X} axis=-1 order=2`, keeping),
  op(
    'k,n,m,t,tm,kb:round,around,clip,clip_by_value,clip_by_norm',
    `${X} x_min|a_min|min|clip_value_min|decimals x_max|a_max|max|clip_value_max`,
    keeping,
  ),
  op('k,t,kb,m:cast,saturate_cast,astype,to,type t,tm:to_float,to_int32', `${X} dtype|target_dtype`, keeping),
  op(
    'k,n,t,tm:isfinite,isinf,isnan,isreal,isneginf,isposinf,signbit,logical_not,is_finite,is_inf,is_nan',
    X,
    predicate,
  ),

  op(
    'k,n,t,tm:add,subtract,multiply,divide,maximum,minimum,power,mod,floor_divide,arctan2,hypot,true_divide,fmod,' +
      'fmax,fmin,heaviside,logaddexp,logaddexp2,gcd,lcm,ldexp,' +
      'nextafter,copysign,bitwise_and,bitwise_or,bitwise_xor,left_shift,right_shift,bitwise_left_shift,' +
      'bitwise_right_shift,remainder,float_power',
    PAIR,
    binary,
  ),
  op(
    'k,t,tm:divide_no_nan,truediv,floordiv,floormod,pow,atan2,squared_difference,multiply_no_nan,xdivy,xlogy,mul,' +
      'sub,div,polyval',
    PAIR,
    binary,
  ),
  op('kb:maximum,minimum,pow', PAIR, binary),
  op(
    'k,n,t,tm,kb:equal,not_equal,greater,greater_equal,less,less_equal,logical_and,logical_or,logical_xor,isclose',
    PAIR,
    comparison,
  ),
  op('k,n,t,tm:where kb:switch t:cond_where', 'condition x1|x|then_expression x2|y|else_expression', where),
  op('t,tm:add_n,accumulate_n', 'inputs', addN),
  // Dropout and noise: the shape of the input.
  op('kr,tn,kb,t:dropout', 'x|inputs rate', unary),
  op('t,k:ensure_shape,check_numerics,debugging.check_numerics,grad_pass_through', 'x', unary),
];
