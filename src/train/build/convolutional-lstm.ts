/** The cell of ConvLSTM layers: an LSTM whose products are convolutions. Shi et al., arXiv:1506.04214. */
import { convolve, type Windows } from './convolution';
import type { Making, Tensor } from './layer';
import { type Cell, setForgetBias } from './recurrent-cells';

/** Output length of a convolution along one axis. */
function lengthAfter(length: number, kernel: number, stride: number, dilation: number, same: boolean): number {
  const reach = (kernel - 1) * dilation + 1;
  return same ? Math.ceil(length / stride) : Math.floor((length - reach) / stride) + 1;
}

export function convolutionalCell(outer: Making, rank: number): Cell {
  const { tf, config } = outer;
  if (!outer.channelsLast) throw outer.fail('its data has channels first', 'Use data_format="channels_last".');
  const make = outer.inner('conv_lstm_cell', outer.className, config.raw);
  const filters = config.number('filters');
  const kernelSize = config.window('kernel_size', rank);
  const same = config.text('padding', 'valid') === 'same';
  const windows: Windows = {
    kernel: kernelSize,
    strides: config.window('strides', rank, 1),
    dilation: config.window('dilation_rate', rank, 1),
    padding: same ? 'same' : 'valid',
  };
  const ones = new Array<number>(rank).fill(1);
  const within: Windows = { kernel: kernelSize, strides: ones, dilation: ones, padding: 'same' };
  const kernel = make.configured('kernel', [...kernelSize, outer.channels, 4 * filters], 'glorot_uniform');
  const recurrent = make.configured(
    'recurrent_kernel',
    [...kernelSize, filters, 4 * filters],
    'orthogonal',
    'recurrent',
  );
  const bias = config.flag('use_bias', true) ? make.configured('bias', [4 * filters], 'zeros') : null;
  if (bias && config.flag('unit_forget_bias', true)) setForgetBias(make, bias, filters);
  const activation = make.activation('activation', 'tanh');
  const gate = make.activation('recurrent_activation', outer.context.framework === 'tfjs' ? 'hard_sigmoid' : 'sigmoid');
  const spatial = outer.shape
    .slice(2, -1)
    .map((length, i) => lengthAfter(length, kernelSize[i]!, windows.strides[i]!, windows.dilation[i]!, same));
  const state = [...spatial, filters];
  const axis = rank + 1;
  const dropout = config.number('dropout', 0);
  const recurrentDropout = config.number('recurrent_dropout', 0);
  return {
    stateShapes: [state, state],
    project: (x, training) => {
      const [batch, time, ...sample] = x.shape as [number, number, ...number[]];
      const seen = training && dropout > 0 ? tf.dropout(x, dropout, [batch, 1, ...sample]) : x;
      let y: Tensor = convolve(tf, tf.reshape(seen, [batch * time, ...sample]), kernel, windows);
      if (bias) y = tf.add(y, bias);
      return tf.reshape(y, [batch, time, ...y.shape.slice(1)]);
    },
    stepper: (batch, training) => {
      const mask = training && recurrentDropout > 0 ? tf.dropout(tf.ones([batch, ...state]), recurrentDropout) : null;
      return (x, [h, c]) => {
        const z = tf.add(x, convolve(tf, mask ? tf.mul(h!, mask) : h!, recurrent, within));
        const [i, f, g, o] = tf.split(z, 4, axis) as [Tensor, Tensor, Tensor, Tensor];
        const cell = tf.add(tf.mul(gate(f), c!), tf.mul(gate(i), activation(g)));
        return [tf.mul(gate(o), activation(cell)), cell];
      };
    },
  };
}
