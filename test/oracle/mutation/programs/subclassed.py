# A model as a class of its own.
import keras
import numpy as np
from keras import layers


class Classifier(keras.Model):
    def __init__(self, classes, widths=(16, 8), **kwargs):
        super().__init__(**kwargs)
        self.blocks = [layers.Dense(w, activation="relu") for w in widths]
        self.norm = layers.BatchNormalization()
        self.head = layers.Dense(classes)

    def call(self, inputs, training=False):
        x = inputs
        for dense in self.blocks:
            x = dense(x)
        x = self.norm(x, training=training)
        return self.head(x)


model = Classifier(4)
model.compile(optimizer="adam", loss=keras.losses.CategoricalCrossentropy(from_logits=True))
features = np.random.rand(20, 7).astype("float32")
targets = keras.utils.to_categorical(np.random.randint(0, 4, 20), num_classes=4)
model.fit(features, targets, epochs=1, verbose=0)
logits = model.predict(features[0:2], verbose=0)
