# Encoder and decoder that share their states.
import keras
import numpy as np
from keras import layers

num_encoder_tokens, num_decoder_tokens, latent_dim = 11, 13, 8
encoder_inputs = keras.Input(shape=(None, num_encoder_tokens))
encoder = layers.LSTM(latent_dim, return_state=True)
encoder_outputs, state_h, state_c = encoder(encoder_inputs)
encoder_states = [state_h, state_c]
decoder_inputs = keras.Input(shape=(None, num_decoder_tokens))
decoder_lstm = layers.LSTM(latent_dim, return_sequences=True, return_state=True)
decoder_outputs, _, _ = decoder_lstm(decoder_inputs, initial_state=encoder_states)
decoder_dense = layers.Dense(num_decoder_tokens, activation="softmax")
decoder_outputs = decoder_dense(decoder_outputs)
model = keras.Model([encoder_inputs, decoder_inputs], decoder_outputs)
model.compile(optimizer="rmsprop", loss="categorical_crossentropy")
model.fit(
    [np.zeros((6, 7, num_encoder_tokens)), np.zeros((6, 5, num_decoder_tokens))],
    np.zeros((6, 5, num_decoder_tokens)),
    epochs=1,
    verbose=0,
)
