/** The JSON Schema of `*.modelwright.json`, from which the editor completes and checks; draft 7,
  as VS Code reads it. */
import { dataSchema } from '../data/schema';
import { CALLBACKS } from '../runs/configuration';

type Json = Record<string, unknown>;

const OPTIMIZERS = ['SGD', 'Adam', 'AdamW', 'RMSprop', 'Adagrad', 'Adadelta', 'Adamax', 'Nadam'];

/** A name, or a class with its arguments in camel case. */
function named(description: string, classes?: readonly string[]): Json {
  return {
    description,
    anyOf: [
      { type: 'string' },
      {
        type: 'object',
        properties: { class: { type: 'string', ...(classes ? { examples: classes } : {}) } },
        required: ['class'],
      },
    ],
  };
}

const CALLBACK_KEYS: Readonly<Record<keyof typeof CALLBACKS, Json>> = {
  earlyStopping: {
    monitor: { type: 'string', default: 'val_loss' },
    patience: { type: 'integer', minimum: 0 },
    minDelta: { type: 'number' },
    mode: { enum: ['auto', 'min', 'max'] },
    baseline: { type: 'number' },
    startFromEpoch: { type: 'integer', minimum: 0 },
    restoreBestWeights: { type: 'boolean' },
  },
  reduceLROnPlateau: {
    monitor: { type: 'string', default: 'val_loss' },
    factor: { type: 'number', exclusiveMinimum: 0, exclusiveMaximum: 1 },
    patience: { type: 'integer', minimum: 0 },
    minDelta: { type: 'number' },
    cooldown: { type: 'integer', minimum: 0 },
    minLr: { type: 'number', minimum: 0 },
    mode: { enum: ['auto', 'min', 'max'] },
  },
  checkpoint: { monitor: { type: 'string', default: 'val_loss' }, mode: { enum: ['auto', 'min', 'max'] } },
  terminateOnNaN: {},
};

export function trainingSchema(): Json {
  const positive = { type: 'integer', minimum: 1 };
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'Modelwright training configuration',
    type: 'object',
    additionalProperties: false,
    properties: {
      $schema: { type: 'string' },
      model: {
        type: 'string',
        description:
          'The file that builds the model and its name there: "cnn.py#model". A function or class is called with "args".',
      },
      args: { type: 'object', description: 'Values of parameters, and of sizes that the code leaves open, by name.' },
      data: dataSchema(),
      compile: {
        type: 'object',
        additionalProperties: false,
        description: 'Takes the place of what the code gives to compile().',
        properties: {
          optimizer: named('Optimiser: {"class": "Adam", "learningRate": 0.001}.', OPTIMIZERS),
          loss: {
            anyOf: [named("Loss by Keras's name."), { type: 'array', items: named('Loss of one output.') }],
            description: 'Loss, or one for each output.',
          },
          metrics: { type: 'array', items: named("Metric by Keras's name."), description: "Metrics by Keras's names." },
        },
      },
      fit: {
        type: 'object',
        additionalProperties: false,
        description: 'Takes the place of what the code gives to fit().',
        properties: {
          epochs: { ...positive, description: 'Passes over the training data.' },
          batchSize: { ...positive, description: 'Examples in one optimiser step.' },
          shuffle: { type: 'boolean', default: true, description: 'A new order of the examples in every epoch.' },
          seed: {
            type: 'integer',
            description: 'Decides initial weights, order and dropout; the same seed gives the same run.',
          },
          classWeight: {
            type: 'object',
            additionalProperties: { type: 'number' },
            description: 'Weight of each class in the loss, by class index.',
          },
        },
      },
      callbacks: {
        type: 'object',
        additionalProperties: false,
        description: "Keras's callbacks with their arguments in camel case; true for the defaults.",
        properties: Object.fromEntries(
          Object.entries(CALLBACK_KEYS).map(([name, properties]) => [
            name,
            {
              anyOf: [{ type: 'boolean' }, { type: 'object', properties }],
              description: `Keras's ${CALLBACKS[name as keyof typeof CALLBACKS]}.`,
            },
          ]),
        ),
      },
    },
  };
}
