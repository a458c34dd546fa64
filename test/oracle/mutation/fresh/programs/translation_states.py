# An encoder that hands its states to a decoder.
import keras
import numpy as np
from keras import layers

source_letters, target_letters, units = 11, 13, 10
encoder_inputs = keras.Input(shape=(None, source_letters))
encoder = layers.GRU(units, return_state=True)
_, state = encoder(encoder_inputs)

decoder_inputs = keras.Input(shape=(None, target_letters))
decoder = layers.GRU(units, return_sequences=True, return_state=True)
sequence, _ = decoder(decoder_inputs, initial_state=state)
decoder_dense = layers.Dense(target_letters, activation="softmax")
decoder_outputs = decoder_dense(sequence)
model = keras.Model([encoder_inputs, decoder_inputs], decoder_outputs)
model.compile(optimizer="rmsprop", loss="categorical_crossentropy")

source = np.zeros((5, 7, source_letters), dtype="float32")
target = np.zeros((5, 9, target_letters), dtype="float32")
shifted = np.zeros((5, 9, target_letters), dtype="float32")
for i in range(5):
    source[i, :, i] = 1.0
    target[i, :, i + 1] = 1.0
    shifted[i, :-1] = target[i, 1:]
model.fit([source, target], shifted, batch_size=5, epochs=1, verbose=0)

encoder_model = keras.Model(encoder_inputs, state)
state_input = keras.Input(shape=(units,))
step, next_state = decoder(decoder_inputs, initial_state=state_input)
decoder_model = keras.Model([decoder_inputs, state_input], [decoder_dense(step), next_state])
states = encoder_model.predict(source[:1], verbose=0)
letters, states = decoder_model.predict([np.zeros((1, 1, target_letters)), states], verbose=0)
