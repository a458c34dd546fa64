# A table with a column to predict, scaled and split.
import keras
import numpy as np
import pandas as pd
from keras import layers
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

frame = pd.DataFrame(np.random.rand(30, 5), columns=["area", "rooms", "age", "distance", "price"])
frame["per_room"] = frame["area"] / frame["rooms"]
X = frame.drop("price", axis=1)
y = frame["price"]
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.2, random_state=1)
scaler = StandardScaler()
X_train = scaler.fit_transform(X_train)
X_test = scaler.transform(X_test)

model = keras.Sequential()
model.add(layers.Input(shape=(X_train.shape[1],)))
model.add(layers.Dense(16, activation="relu"))
model.add(layers.BatchNormalization())
model.add(layers.Dense(8, activation="relu"))
model.add(layers.Dense(1))
model.compile(loss="mse", optimizer="adam", metrics=["mae"])
model.fit(X_train, y_train, validation_split=0.25, epochs=1, verbose=0)
model.evaluate(X_test, y_test, verbose=0)
one = np.array([[50.0, 2.0, 30.0, 4.0, 25.0]])
print(model.predict(scaler.transform(one), verbose=0)[0][0])
