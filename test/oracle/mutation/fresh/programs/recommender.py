# People and films as vectors; how well they fit is their product.
import keras
import numpy as np
import tensorflow as tf
from keras import layers


class Recommender(keras.Model):
    def __init__(self, people, films, size=8, **kwargs):
        super().__init__(**kwargs)
        self.people = layers.Embedding(people, size)
        self.person_bias = layers.Embedding(people, 1)
        self.films = layers.Embedding(films, size)
        self.film_bias = layers.Embedding(films, 1)
        self.dot = layers.Dot(axes=1)

    def call(self, inputs):
        person, film = inputs[:, 0], inputs[:, 1]
        match = self.dot([self.people(person), self.films(film)])
        return tf.nn.sigmoid(match + self.person_bias(person) + self.film_bias(film))


ratings = np.stack([np.arange(20) % 6, np.arange(20) % 9], axis=1)
liked = np.random.randint(0, 2, size=(20, 1)).astype("float32")
model = Recommender(6, 9, size=5)
model.compile(loss=keras.losses.BinaryCrossentropy(), optimizer=keras.optimizers.Adam(0.01))
model.fit(x=ratings, y=liked, batch_size=5, epochs=1, verbose=0)
scores = model.predict(ratings[:4], verbose=0).flatten()
best = scores.argsort()[-2:]
