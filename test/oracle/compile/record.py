# Records what Keras's optimisers and short trainings give: python test/oracle/compile/record.py writes recorded.json beside it.
#
# Optimisers: a weight of six numbers, twelve given gradients, every option; the weight after each update.
# AdamW is recorded from PyTorch too. Trainings: small models with given weights and data, dropout 0; the loss of each step.
import json
import os
import pathlib

os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["CUDA_VISIBLE_DEVICES"] = ""

import keras
import numpy as np
import torch
from keras import layers

STEPS = 12
LEARNING_RATES = [0.05 / (1 + 0.1 * step) for step in range(STEPS)]
WEIGHT = np.array([0.5, -1.0, 2.0, -0.25, 0.0, 3.0], np.float32)
GRADIENTS = np.random.default_rng(1).normal(0, 1, (STEPS, 6)).astype(np.float32)

OPTIMIZERS = [
    ({"class": "SGD"}, "SGD", {}),
    ({"class": "SGD", "momentum": 0.9}, "SGD", {"momentum": 0.9}),
    ({"class": "SGD", "momentum": 0.9, "nesterov": True}, "SGD", {"momentum": 0.9, "nesterov": True}),
    ({"class": "SGD", "weightDecay": 0.1}, "SGD", {"weight_decay": 0.1}),
    ({"class": "SGD", "clipnorm": 1.0}, "SGD", {"clipnorm": 1.0}),
    ({"class": "SGD", "clipvalue": 0.5}, "SGD", {"clipvalue": 0.5}),
    ({"class": "SGD", "globalClipnorm": 1.0}, "SGD", {"global_clipnorm": 1.0}),
    ({"class": "SGD", "gradientAccumulationSteps": 3}, "SGD", {"gradient_accumulation_steps": 3}),
    ({"class": "Adam"}, "Adam", {}),
    ({"class": "Adam", "beta1": 0.8, "beta2": 0.95, "epsilon": 1e-3}, "Adam",
     {"beta_1": 0.8, "beta_2": 0.95, "epsilon": 1e-3}),
    ({"class": "Adam", "amsgrad": True}, "Adam", {"amsgrad": True}),
    ({"class": "Adam", "gradientAccumulationSteps": 4, "globalClipnorm": 0.7}, "Adam",
     {"gradient_accumulation_steps": 4, "global_clipnorm": 0.7}),
    ({"class": "AdamW"}, "AdamW", {}),
    ({"class": "AdamW", "weightDecay": 0.2}, "AdamW", {"weight_decay": 0.2}),
    ({"class": "RMSprop"}, "RMSprop", {}),
    ({"class": "RMSprop", "momentum": 0.5}, "RMSprop", {"momentum": 0.5}),
    ({"class": "RMSprop", "momentum": 0.5, "centered": True, "rho": 0.8}, "RMSprop",
     {"momentum": 0.5, "centered": True, "rho": 0.8}),
    ({"class": "Adagrad"}, "Adagrad", {}),
    ({"class": "Adadelta"}, "Adadelta", {}),
    ({"class": "Adamax"}, "Adamax", {}),
    ({"class": "Nadam"}, "Nadam", {}),
    ({"class": "Adam", "useEma": True, "emaMomentum": 0.8}, "Adam", {"use_ema": True, "ema_momentum": 0.8}),
]


def keras_run(name, options):
    weight = keras.Variable(WEIGHT, name="w")
    optimizer = getattr(keras.optimizers, name)(learning_rate=0.05, **options)
    optimizer.build([weight])
    rows = []
    for gradient, rate in zip(GRADIENTS, LEARNING_RATES):
        optimizer.learning_rate = rate
        optimizer.apply([keras.ops.convert_to_tensor(gradient)], [weight])
        rows.append(keras.ops.convert_to_numpy(weight).astype(float).tolist())
    average = None
    if options.get("use_ema"):
        average = keras.ops.convert_to_numpy(optimizer._model_variables_moving_average[0]).astype(float).tolist()
    return rows, average


def torch_run(decay):
    weight = torch.nn.Parameter(torch.tensor(WEIGHT))
    optimizer = torch.optim.AdamW([weight], lr=0.05, weight_decay=decay)
    rows = []
    for gradient, rate in zip(GRADIENTS, LEARNING_RATES):
        optimizer.param_groups[0]["lr"] = rate
        weight.grad = torch.tensor(gradient)
        optimizer.step()
        rows.append(weight.detach().numpy().astype(float).tolist())
    return rows


def conv_model():
    inputs = layers.Input((8, 8, 2))
    x = layers.Conv2D(4, 3, activation="relu")(inputs)
    x = layers.MaxPooling2D()(x)
    x = layers.Flatten()(x)
    return keras.Model(inputs, layers.Dense(3)(x))


def norm_model():
    inputs = layers.Input((8, 8, 2))
    x = layers.Conv2D(4, 3, use_bias=False)(inputs)
    x = layers.Activation("relu")(layers.BatchNormalization(epsilon=1e-3)(x))
    x = layers.GlobalAveragePooling2D()(x)
    return keras.Model(inputs, layers.Dense(3)(x))


def lstm_model():
    inputs = layers.Input((7, 4))
    return keras.Model(inputs, layers.Dense(3)(layers.LSTM(5)(inputs)))


def gru_model():
    inputs = layers.Input((7, 4))
    return keras.Model(inputs, layers.Dense(3)(layers.GRU(5, go_backwards=True)(inputs)))


def training(build, optimizer, name):
    keras.utils.set_random_seed(3)
    model = build()
    rng = np.random.default_rng(5)
    shape = model.input_shape[1:]
    x = rng.normal(0, 1, (4, 6, *shape)).astype(np.float32)
    y = rng.integers(0, 3, (4, 6))
    weights = [weight.numpy() for weight in model.weights]
    model.compile(optimizer=optimizer, loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True), jit_compile=False)
    losses = []
    for step in range(200):
        model.reset_metrics()
        losses.append(float(model.train_on_batch(x[step % 4], y[step % 4])))
    return {
        "model": name, "x": x.ravel().astype(float).tolist(),
        "y": y.ravel().tolist(),
        "weights": [{"path": w.path, "shape": list(w.shape), "values": v.ravel().astype(float).tolist()}
                    for w, v in zip(model.weights, weights)],
        "losses": losses,
        "after": [v.numpy().ravel().astype(float).tolist() for v in model.weights],
    }


optimizers = []
for config, name, options in OPTIMIZERS:
    rows, average = keras_run(name, options)
    optimizers.append({"config": config, "weights": rows, **({"average": average} if average else {})})
for decay in (0.0, 0.1):
    optimizers.append({"config": {"class": "AdamW", "form": "torch", "weightDecay": decay}, "weights": torch_run(decay)})

recorded = {
    "versions": {"keras": keras.__version__, "torch": torch.__version__},
    "weight": WEIGHT.astype(float).tolist(), "gradients": GRADIENTS.astype(float).tolist(), "learningRates": LEARNING_RATES,
    "optimizers": optimizers,
    "trainings": [
        {**training(conv_model, keras.optimizers.Adam(3e-4), "conv"), "optimizer": {"class": "Adam"}, "learningRate": 3e-4},
        {**training(norm_model, keras.optimizers.SGD(0.05, momentum=0.9), "norm"),
         "optimizer": {"class": "SGD", "momentum": 0.9}, "learningRate": 0.05},
        {**training(lstm_model, keras.optimizers.RMSprop(1e-3), "lstm"), "optimizer": {"class": "RMSprop"}, "learningRate": 1e-3},
        {**training(gru_model, keras.optimizers.Nadam(1e-3), "gru"), "optimizer": {"class": "Nadam"}, "learningRate": 1e-3},
    ],
}
path = pathlib.Path(__file__).with_name("recorded.json")
path.write_text(json.dumps(recorded, separators=(",", ":")) + "\n")
