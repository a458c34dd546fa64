// Pretrained models in Python code, and what the file says of their fine-tuning.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { Analyzer } from '../../../src/ide/analysis';
import { finetuneLenses } from '../../../src/ide/finetune-lens';
import { pretrainedModels, type PretrainedModel } from '../../../src/ide/pretrained';
import { ENGINE_FILE } from '../../../src/parse/grammar';

const analyzer = new Analyzer(file =>
  fs.promises.readFile(
    path.resolve('node_modules', file === ENGINE_FILE ? 'web-tree-sitter' : '@vscode/tree-sitter-wasm/wasm', file),
  ),
);

async function modelsOf(text: string, file = 'model.py'): Promise<PretrainedModel[]> {
  const analysis = await analyzer.analyze(file, text);
  assert.ok(analysis);
  return pretrainedModels(analysis);
}

describe('pretrained models in a file', () => {
  it('of the BERT example, with its epochs, batch size, learning rate and length', async () => {
    const text = fs.readFileSync('examples/keras/bert.py', 'utf8');
    const analysis = await analyzer.analyze('bert.py', text);
    assert.ok(analysis);
    const [lens, ...rest] = finetuneLenses(analysis);
    assert.deepEqual(rest, []);
    assert.equal(lens!.title, 'Fine-tune bert-base-uncased');
    assert.ok(text.slice(lens!.offset).startsWith('TFBertForSequenceClassification.from_pretrained('));
    assert.deepEqual(lens!.model.settings, { epochs: 3, batchSize: 2, learningRate: 2e-5, maxLength: 128 });
    assert.equal(lens!.model.labels, 2);
    assert.equal(lens!.model.task, 'sequence-classification');
  });

  for (const [call, task] of [
    ['AutoModelForSequenceClassification.from_pretrained("a/b")', 'sequence-classification'],
    ['AutoModelForSequenceClassification.from_pretrained("a/b", num_labels=1)', 'regression'],
    [
      'TFAutoModelForSequenceClassification.from_pretrained("a/b", problem_type="multi_label_classification")',
      'multi-label',
    ],
    ['transformers.RobertaForTokenClassification.from_pretrained("a/b", num_labels=9)', 'token-classification'],
    ['AutoModelForQuestionAnswering.from_pretrained("a/b")', 'question-answering'],
    ['DistilBertForMaskedLM.from_pretrained(pretrained_model_name_or_path="a/b")', 'masked-lm'],
  ] as const) {
    it(`${call} is ${task}`, async () => {
      const [model] = await modelsOf(`model = ${call}\n`);
      assert.equal(model?.task, task);
      assert.equal(model.checkpoint, 'a/b');
    });
  }

  it('takes settings from TrainingArguments and names from constants', async () => {
    const [model] = await modelsOf(`
from transformers import AutoModelForSequenceClassification as Classifier, TrainingArguments
NAME = "distilbert-base-uncased"
RATE = 3e-5
arguments = TrainingArguments("out", num_train_epochs=4, per_device_train_batch_size=8, learning_rate=RATE,
    weight_decay=0.1, warmup_ratio=0.06, gradient_accumulation_steps=2, lr_scheduler_type="cosine", seed=7)

def build():
    return Classifier.from_pretrained(NAME, num_labels=5)
`);
    assert.equal(model?.className, 'AutoModelForSequenceClassification');
    assert.equal(model.checkpoint, 'distilbert-base-uncased');
    assert.deepEqual(model.settings, {
      epochs: 4,
      batchSize: 8,
      learningRate: 3e-5,
      weightDecay: 0.1,
      warmup: 0.06,
      accumulation: 2,
      schedule: 'cosine',
      seed: 7,
    });
  });

  it('leaves open what is computed, or said in two ways', async () => {
    const [model] = await modelsOf(`
name = sys.argv[1]
model = AutoModelForSequenceClassification.from_pretrained(name)
optimizer = torch.optim.AdamW(model.parameters(), lr=5e-5)
model.fit(x, y, epochs=2)
model.fit(x, y, epochs=3)
`);
    assert.equal(model?.checkpoint, null);
    assert.deepEqual(model.settings, { learningRate: 5e-5 });
  });

  it('of other kinds are passed over', async () => {
    const text = `
a = AutoTokenizer.from_pretrained("x")
b = AutoModelForCausalLM.from_pretrained("gpt2")
c = BertModel.from_pretrained("bert-base-uncased")
d = MobileBertForSequenceClassification.from_pretrained("x")
`;
    assert.deepEqual(await modelsOf(text), []);
    const script = 'const m = await AutoModelForSequenceClassification.from_pretrained("x");';
    assert.deepEqual(await modelsOf(script, 'model.ts'), []);
  });
});
