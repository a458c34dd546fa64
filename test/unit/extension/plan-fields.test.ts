// What may be typed into the settings of a fine-tuning, and what the code presets of them.
import assert from 'node:assert/strict';
import { changedPlan, isHubId, numberText, PLAN_FIELDS, sizeWords } from '../../../src/extension/finetune/plan-fields';
import { presetOf } from '../../../src/extension/finetune/preset';
import { FINETUNE_DEFAULTS, type FinetunePlan } from '../../../src/protocol/finetune-plan';

const plan: FinetunePlan = { ...FINETUNE_DEFAULTS, checkpoint: 'a', data: 'b.csv' };
const field = (label: string) => PLAN_FIELDS.find(one => one.label === label)!;

describe('the settings of a fine-tuning', () => {
  it('show every default in words', () => {
    const shown = Object.fromEntries(PLAN_FIELDS.map(one => [one.label, one.describe(plan)]));
    assert.deepEqual(shown, {
      Epochs: '3',
      'Batch size': '16',
      'Learning rate': '5e-5',
      'Maximum length': "the task's own (128; question answering 384)",
      Validation: '10 % of the data',
      'Batches per update': '1',
      'Weight decay': '0.01',
      'Warm-up': '10 % of the updates',
      'Frozen layers': 'none',
      LoRA: 'none, all weights are trained',
      'Early stopping': 'never',
    });
  });

  it('take back what they show', () => {
    for (const one of PLAN_FIELDS) {
      const read = one.read(one.text(plan));
      assert.ok(typeof read === 'object', one.label);
      assert.deepEqual(changedPlan(plan, read), plan, one.label);
    }
  });

  for (const [label, text, expected] of [
    ['Epochs', '5', { epochs: 5 }],
    ['Epochs', '0', /whole number from 1/],
    ['Epochs', '1.5', /whole number/],
    ['Learning rate', '3e-5', { learningRate: 3e-5 }],
    ['Learning rate', 'fast', /a number from 0/],
    ['Learning rate', '', /a number from 0/],
    ['Maximum length', '', { maxLength: null }],
    ['Maximum length', '64', { maxLength: 64 }],
    ['Validation', '0', { validation: 0 }],
    ['Validation', 'dev.tsv', { validation: 'dev.tsv' }],
    ['Validation', '1', /from 0 to below 1/],
    ['Frozen layers', '', { freezeLayers: 0 }],
    ['Early stopping', '2', { patience: 2 }],
  ] as const) {
    it(`${label}: “${text}”`, () => {
      const read = field(label).read(text);
      if (expected instanceof RegExp) assert.match(read as string, expected);
      else assert.deepEqual(read, expected);
    });
  }

  it('freeze the embeddings with the layers above them', () => {
    assert.equal(changedPlan(plan, { freezeLayers: 2 }).freezeEmbeddings, true);
    assert.equal(changedPlan({ ...plan, freezeEmbeddings: true }, { freezeLayers: 0 }).freezeEmbeddings, false);
    assert.equal(changedPlan({ ...plan, freezeEmbeddings: true }, { epochs: 1 }).freezeEmbeddings, true);
  });
});

describe('words of the steps', () => {
  it('numbers, sizes and ids', () => {
    assert.deepEqual([0.00002, 0.01, 0, 1e-4].map(numberText), ['2e-5', '0.01', '0', '1e-4']);
    assert.equal(sizeWords({ layers: 12, parameters: 109_482_240 }), '12 layers · 109 M parameters');
    assert.equal(sizeWords({ layers: 2, parameters: 800 }), '2 layers · 800 parameters');
    for (const id of ['google-bert/bert-base-uncased', 'a/b@v1', 'bert-base-cased']) assert.ok(isHubId(id), id);
    for (const id of ['', 'tiny', '/a/b', 'a/b/c', '../a']) assert.equal(isHubId(id), false, id);
  });
});

describe('what the code presets', () => {
  const model = { offset: 0, className: '', checkpoint: 'bert-base-cased', task: 'regression', labels: 1 };

  it('is its settings, as far as they are known here', () => {
    const settings = { epochs: 2, seed: 7, schedule: 'constant_with_warmup' };
    assert.deepEqual(presetOf({ ...model, settings }, 'x.py'), {
      epochs: 2,
      seed: 7,
      schedule: 'constant',
      task: 'regression',
      source: 'x.py',
      checkpoint: 'bert-base-cased',
    });
    const other = presetOf({ ...model, checkpoint: null, settings: { schedule: 'polynomial' } }, 'x.py');
    assert.deepEqual(other, { task: 'regression', source: 'x.py' });
  });
});
