/** A convolution or pooling window is larger than what is left of its input. */
import { fix, setArgument, source } from './fixes';
import { dimIn, shapeIn } from './dialect';
import { faultRule, type Fix, type RuleContext } from './rule';
import { named, relatedOf } from './words';
import type { Fault } from '../ir/fault';

export const windowTooLarge = faultRule({
  id: 'window-too-large',
  severity: 'error',
  fault: 'window-too-large',
  title: 'A window is larger than its input.',
  doc:
    'Without padding every convolution and pooling makes the image smaller. When the window no longer fits, no output is left, and Keras raises a ValueError. ' +
    "The ways out: `padding='same'`, fewer layers, smaller windows or strides, or a larger input.",
  bad: [
    `import keras
from keras import layers
model = keras.Sequential([
    keras.Input((8, 8, 1)),
    layers.Conv2D(4, 3),
    layers.MaxPooling2D(),
    layers.Conv2D(4, 5),
])`,
    `import keras
from keras import layers
x = layers.MaxPooling2D()(keras.Input((1, 1, 3)))`,
  ],
  good: [
    `import keras
from keras import layers
model = keras.Sequential([
    keras.Input((8, 8, 1)),
    layers.Conv2D(4, 3),
    layers.MaxPooling2D(),
    layers.Conv2D(4, 5, padding='same'),
])`,
  ],
  report: (fault, cx) => {
    const { length, window, input, pooling } = fault.detail;
    return {
      message:
        `The ${pooling ? 'pooling window' : 'window'} of ${named(fault)} covers ${dimIn(cx, window)}, but only ${dimIn(cx, length)} ${length.kind === 'known' && length.value === 1 ? 'is' : 'are'} ` +
        `left of its input ${shapeIn(cx, input)}: the output would be empty.`,
      span: fault.place,
      related: relatedOf(fault),
      fixes: [
        positionalStrides(fault, cx),
        fix("Use padding='same'", setArgument(cx, fault.anchors, 'padding', "'same'", 'layer')),
      ],
    };
  },
});

/** Keras 1 took `Conv2D(32, 3, 3)` for a 3×3 window; now the second 3 is the stride. */
function positionalStrides(fault: Fault, cx: RuleContext): Fix | undefined {
  const [size, strides] = [fault.anchors?.['layer.argument:kernel_size'], fault.anchors?.['layer.argument:strides']];
  const [a, b] = [source(cx, size), source(cx, strides)];
  if (
    !size ||
    !strides ||
    !a ||
    !b ||
    !/^\d+$/.test(a) ||
    !/^\d+$/.test(b) ||
    !/2D/.test(fault.className ?? '') ||
    fault.anchors?.['layer.keyword:strides']
  )
    return undefined;
  return fix(`Write the window as (${a}, ${b})`, {
    span: { start: size.start, end: strides.end },
    newText: `(${a}, ${b})`,
  });
}
