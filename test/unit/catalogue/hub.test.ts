// What is known of models from a hub: their outputs and the losses that fit them.
import { strict as assert } from 'node:assert';
import { hubModel } from '../../../src/catalogue/hub';
import { shapeText } from '../../../src/ir/shape';
import { integer, text, type Value } from '../../../src/ir/value';

const args = (entries: Record<string, Value>): ReadonlyMap<string, Value> => new Map(Object.entries(entries));

describe('models from a hub', () => {
  it('gives the logits of a classifier of transformers', () => {
    const model = hubModel(
      'transformers.TFBertForSequenceClassification.from_pretrained',
      args({ '#0': text('bert-base-uncased'), num_labels: integer(3) }),
    );
    assert.equal(model?.task, 'sequence-classification');
    assert.equal(model.givesLogits, true);
    assert.deepEqual(
      Object.entries(model.outputs).map(([name, s]) => `${name} ${shapeText(s)}`),
      ['logits (None, 3)'],
    );
  });

  it('knows two labels for a checkpoint without a head, and none for an unknown one', () => {
    const plain = hubModel('transformers.TFBertForSequenceClassification', args({ '#0': text('bert-base-uncased') }));
    assert.equal(shapeText(plain!.outputs['logits']!), '(None, 2)');
    const own = hubModel('transformers.TFBertForSequenceClassification', args({ '#0': text('someone/fine-tuned') }));
    assert.equal(shapeText(own!.outputs['logits']!), '(None, ?)');
  });

  it('gives a backbone’s hidden states', () => {
    const bert = hubModel('transformers.TFBertModel', args({ '#0': text('google-bert/bert-base-uncased') }))!;
    assert.equal(shapeText(bert.outputs['last_hidden_state']!), '(None, None, 768)');
    assert.equal(shapeText(bert.outputs['pooler_output']!), '(None, 768)');
    assert.equal(bert.givesLogits, false);
  });

  it('follows keras_hub', () => {
    const backbone = hubModel(
      'keras_hub.models.BertBackbone.from_preset',
      args({ '#0': text('bert_tiny_en_uncased') }),
    )!;
    assert.equal(shapeText(backbone.outputs['sequence_output']!), '(None, None, 128)');
    const classifier = hubModel(
      'keras_hub.models.BertTextClassifier.from_preset',
      args({ '#0': text('bert_tiny_en_uncased'), num_classes: integer(4) }),
    )!;
    assert.equal(shapeText(classifier.outputs['logits']!), '(None, 4)');
  });

  it('is silent about anything else', () => {
    assert.equal(hubModel('transformers.BertForSequenceClassification'), undefined);
    assert.equal(hubModel('keras.models.Model'), undefined);
  });
});
