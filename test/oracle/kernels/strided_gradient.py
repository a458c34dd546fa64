"""How often TensorFlow's gradient of a strided 1x1 convolution's kernel is wrong, by input channels.

    TF_ENABLE_ONEDNN_OPTS=1 python strided_gradient.py    wrong up to 5 channels (TensorFlow 2.21)
    TF_ENABLE_ONEDNN_OPTS=0 python strided_gradient.py    right

The gradient is the sum over all places of the outer product of what comes in and what goes out; NumPy gives it.
src/train/kernel-repairs.ts is there because of the answer.
"""
import numpy as np
import tensorflow as tf

RUNS = 50

for channels in (1, 2, 3, 4, 5, 6, 8, 16):
    random = np.random.default_rng(0)
    x = random.normal(size=(8, 8, 8, channels)).astype("float32")
    dy = random.normal(size=(8, 4, 4, 8)).astype("float32")
    expected = np.einsum("nhwc,nhwo->co", x[:, ::2, ::2], dy)
    wrong = 0
    for _ in range(RUNS):
        gradient = tf.raw_ops.Conv2DBackpropFilter(
            input=x, filter_sizes=[1, 1, channels, 8], out_backprop=dy, strides=[1, 2, 2, 1], padding="SAME"
        )
        wrong += np.abs(gradient.numpy()[0, 0] - expected).max() > 1e-3 * np.abs(expected).max()
    print(f"{channels:2} input channels: {wrong} of {RUNS} runs wrong")
