"""A BERT model that learns to tell praise from complaint, with one mistake left in.

Run it with transformers 4.57 and tf-keras: pip install "transformers<5" tensorflow tf-keras
(transformers 5 has no TensorFlow classes any more; Modelwright fine-tunes the same checkpoint without Python.)
"""
import os

os.environ["TF_USE_LEGACY_KERAS"] = "1"  # TFBert… is built on Keras 2

import tensorflow as tf
from transformers import AutoTokenizer, TFBertForSequenceClassification

texts = [
    "A wonderful film, I would see it again.",
    "The plot is thin and the jokes are old.",
    "Great actors and a story that moves.",
    "Two hours of my life I will not get back.",
]
labels = tf.constant([1, 0, 1, 0])

tokenizer = AutoTokenizer.from_pretrained("bert-base-uncased")
# input_ids, token_type_ids and attention_mask, each of shape (4, length of the longest text).
inputs = dict(tokenizer(texts, padding=True, truncation=True, max_length=128, return_tensors="tf"))

model = TFBertForSequenceClassification.from_pretrained("bert-base-uncased", num_labels=2)

# The mistake: the model returns logits (any number), but a loss named by its string expects probabilities.
# It runs, learns little, and says nothing. The way out: SparseCategoricalCrossentropy(from_logits=True).
model.compile(
    optimizer=tf.keras.optimizers.Adam(learning_rate=2e-5),
    loss="sparse_categorical_crossentropy",
    metrics=["accuracy"],
)

model.fit(inputs, labels, batch_size=2, epochs=3)
