/** Data of every task: what is read from each format, which task it makes, and one sentence for what is wrong with it. */
import assert from 'node:assert/strict';
import path from 'node:path';
import { batchOf, featuresOf, loadTaskData, previewOf, type TaskData } from '../../../src/bert/tasks/index';
import { fails, scratch } from '../data/files';
import { smallTokenizer } from './vocabulary';

const fixtures = path.join(import.meta.dirname, '../../oracle/bert-data');

describe('task data', () => {
  const files = scratch();
  const load = (name: string, content: string, options: object = {}): Promise<TaskData> =>
    loadTaskData({ data: files.write(name, content), validation: 0, ...options });

  it('is classified by sorted labels, whether CSV, TSV, JSON lines or JSON', async () => {
    const rows = [
      { text: 'good film', label: 'pos' },
      { text: 'the film, "bad"', label: 'neg' },
    ];
    const formats: [string, string][] = [
      ['a.csv', 'text,label\ngood film,pos\n"the film, ""bad""",neg\n'],
      ['a.tsv', 'text\tlabel\ngood film\tpos\nthe film, "bad"\tneg\n'],
      ['a.jsonl', rows.map(row => JSON.stringify(row)).join('\n')],
      ['a.json', JSON.stringify(rows)],
    ];
    for (const [name, content] of formats) {
      const { task, labels, train } = await load(name, content);
      assert.equal(task, 'sequence-classification', name);
      assert.deepEqual(labels, ['neg', 'pos']);
      assert.deepEqual(
        train.map(({ text, pair, target }) => [text, pair, target]),
        [
          ['good film', null, 1],
          ['the film, "bad"', null, 0],
        ],
      );
    }
  });

  it('of Parquet files is read, compressed as the hub does', async () => {
    const reviews = await loadTaskData({
      data: path.join(fixtures, 'reviews.parquet'),
      validation: 0,
      labelColumn: 'label',
    });
    assert.equal(reviews.task, 'sequence-classification');
    assert.deepEqual(reviews.labels, ['0', '1']);
    assert.equal(reviews.train.length, 100);
    assert.deepEqual(reviews.train[2], { row: 3, text: 'naïve 😀', pair: null, target: 1 });
    const scores = await loadTaskData({
      data: path.join(fixtures, 'reviews.parquet'),
      validation: 0,
      labelColumn: 'score',
    });
    assert.equal(scores.task, 'regression');
    assert.equal(scores.train[1]!.target, -1.25);
    const entities = await loadTaskData({ data: path.join(fixtures, 'entities.parquet'), validation: 0 });
    assert.equal(entities.task, 'token-classification');
    assert.deepEqual(entities.labels, ['B-LOC', 'B-PER', 'I-PER', 'O']);
    assert.deepEqual(entities.train[0]!.target, [1, 2, 3]);
  });

  it('reads quotation marks of a TSV file as text', async () => {
    const { train } = await load('glue.tsv', 'sentence\tlabel\nhe said "no\t0\n"yes" and "no\t1\n');
    assert.deepEqual(
      train.map(({ text }) => text),
      ['he said "no', '"yes" and "no'],
    );
  });

  it('makes pairs of two text columns', async () => {
    const { train, columns } = await load('p.csv', 'premise,hypothesis,label\na b,c,1\na,b,0\n');
    assert.equal(columns.pair, 'hypothesis');
    assert.deepEqual(train[0], { row: 2, text: 'a b', pair: 'c', target: 1 });
  });

  it('finds the columns of GLUE by their names', async () => {
    const tables: [string, string, string | null, string][] = [
      ['index\tquestion\tsentence\tlabel', 'question', 'sentence', 'label'],
      ['pairID\tsentence1\tsentence2\tgold_label', 'sentence1', 'sentence2', 'gold_label'],
      ['id\tquestion1\tquestion2\tis_duplicate', 'question1', 'question2', 'is_duplicate'],
      ['Quality\t#1 String\t#2 String', '#1 String', '#2 String', 'Quality'],
      ['sentence\tlabel', 'sentence', null, 'label'],
    ];
    for (const [header, text, pair, label] of tables) {
      const row = header.replace(/[^\t]+/g, 'a b');
      const { columns } = await load('glue.tsv', `${header}\n${row}\n`);
      assert.deepEqual([columns.text, columns.pair, columns.labels], [text, pair, [label]]);
    }
  });

  it('is a regression where the label is a number with a fraction', async () => {
    const { task, train, labels } = await load('r.csv', 'text,score\na,3.5\nb,2\nc,-1e-1\n');
    assert.equal(task, 'regression');
    assert.deepEqual(labels, ['score']);
    assert.deepEqual(
      train.map(({ target }) => target),
      [3.5, 2, -0.1],
    );
  });

  it('sorts whole numbers by size, and keeps them classes', async () => {
    const { task, labels } = await load('n.csv', 'text,label\na,10\nb,9\nc,2\n');
    assert.equal(task, 'sequence-classification');
    assert.deepEqual(labels, ['2', '9', '10']);
  });

  it('has several labels where they come as a list, or in several columns', async () => {
    const { task, labels, train } = await load(
      'm.jsonl',
      '{"text":"a","labels":["x","y"]}\n{"text":"b","labels":[]}\n{"text":"c","labels":["z"]}\n',
    );
    assert.equal(task, 'multi-label');
    assert.deepEqual(labels, ['x', 'y', 'z']);
    assert.deepEqual(
      train.map(({ target }) => target),
      [
        [1, 1, 0],
        [0, 0, 0],
        [0, 0, 1],
      ],
    );
    const columns = await load('m.csv', 'text,toxic,rude\na b,1,0\nb,0,1\n', { labelColumn: 'toxic,rude' });
    assert.equal(columns.task, 'multi-label');
    assert.deepEqual(
      columns.train.map(({ target }) => target),
      [
        [1, 0],
        [0, 1],
      ],
    );
  });

  it('of words and labels is read from CoNLL', async () => {
    const conll = '-DOCSTART- -X- O O\n\nAda NNP B-PER\nLovelace NNP I-PER\nin IN O\n\nLondon NNP B-LOC\n';
    const { task, labels, train } = await load('ner.conll', conll);
    assert.equal(task, 'token-classification');
    assert.deepEqual(labels, ['B-LOC', 'B-PER', 'I-PER', 'O']);
    assert.deepEqual(train, [
      { row: 3, text: ['Ada', 'Lovelace', 'in'], pair: null, target: [1, 2, 3] },
      { row: 7, text: ['London'], pair: null, target: [0] },
    ]);
    const [feature] = featuresOf(task, smallTokenizer(), train);
    // Lovelace is two tokens, of which the first has the label.
    assert.deepEqual(feature!.labels, [-100, 1, 2, -100, 3, -100]);
    const text = await load('ner.txt', conll);
    assert.equal(text.task, 'token-classification');
  });

  it('of questions is read from SQuAD’s JSON, and the answer found in a window', async () => {
    const context = 'the film was bad . 😀 ada was in london';
    const answer = { text: 'london', answer_start: [...context].indexOf('l', 25) };
    const squad = {
      version: '1.1',
      data: [{ paragraphs: [{ context, qas: [{ id: 'q1', question: 'where was ada ?', answers: [answer] }] }] }],
    };
    const { task, train } = await load('squad.json', JSON.stringify(squad));
    assert.equal(task, 'question-answering');
    assert.equal(train[0]!.id, 'q1');
    const tokenizer = smallTokenizer();
    const features = featuresOf(task, tokenizer, train, { maxLength: 14, docStride: 2 });
    assert.ok(features.length > 1);
    const found = features.filter(({ labels }) => labels[0]! > 0);
    assert.equal(found.length, 1);
    const [start, end] = found[0]!.labels as [number, number];
    assert.equal(tokenizer.decode(found[0]!.ids.slice(start, end + 1)), 'london');
  });

  it('without labels is for masked language modelling', async () => {
    const { task, train } = await load('corpus.txt', 'the film was good\n\nada in london\n');
    assert.equal(task, 'masked-lm');
    assert.equal(train.length, 2);
  });

  it('is divided by share, each class alike, the same with the same seed', async () => {
    const content = `text,label\n${Array.from({ length: 40 }, (_, i) => `word${i},${i % 4 === 0 ? 'x' : 'y'}`).join('\n')}\n`;
    const first = await load('s.csv', content, { validation: 0.25, seed: 3 });
    const second = await load('s.csv', content, { validation: 0.25, seed: 3 });
    assert.deepEqual(first, second);
    assert.equal(first.validation.length, 10);
    assert.deepEqual(first.labels, ['x', 'y']);
    assert.ok([2, 3].includes(first.validation.filter(({ target }) => target === 0).length));
  });

  describe('says in one sentence', () => {
    const table = 'text,label\na,x\nb,y\n';

    it('that a column is missing, and which there are', () =>
      fails(load('e.csv', table, { textColumn: 'body' }), 'e.csv', /no column "body".*text, label/));

    it('that no column of labels can be told', () =>
      fails(load('n.csv', 'text,a,b\nx,p,q\n'), 'n.csv', /no column of labels.*--label-column/));

    it('that a text is empty', () =>
      fails(load('e.jsonl', '{"text":"a","label":1}\n{"text":" ","label":0}\n'), 'e.jsonl', /text is empty/, {
        row: 2,
      }));

    it('that a label is missing', () =>
      fails(load('l.csv', 'text,label\na,x\nb,\n'), 'l.csv', /label is missing/, { row: 3, column: 'label' }));

    it('that a label of the validation file is unknown', async () => {
      const validation = files.write('v.csv', 'text,label\na,x\nc,z\n');
      await fails(load('t.csv', table, { validation }), 'v.csv', /label "z" does not occur.*x, y/, { row: 3 });
    });

    it('that a value to predict is no number', () =>
      fails(load('f.csv', 'text,score\na,1.5\nb,many\n', { task: 'regression' }), 'f.csv', /"many", not a number/, {
        row: 3,
      }));

    it('that words and labels do not match', () =>
      fails(load('w.jsonl', '{"tokens":["a","b"],"tags":["O"]}\n'), 'w.jsonl', /2 words and 1 labels/, { row: 1 }));

    it('that a line of CoNLL has no label', () =>
      fails(load('c.conll', 'Ada B-PER\nLovelace\n'), 'c.conll', /not a word and a label/, { row: 2 }));

    it('that an answer stands elsewhere', () => {
      const qas = [{ id: '1', question: 'who?', answers: [{ text: 'ada', answer_start: 1 }] }];
      const squad = { data: [{ paragraphs: [{ context: 'ada in london', qas }] }] };
      return fails(load('q.json', JSON.stringify(squad)), 'q.json', /"ada" does not stand at position 1/);
    });

    it('that a Parquet file is none', () =>
      fails(load('bad.parquet', 'PAR1 and no more than that PAR1'), 'bad.parquet', /cannot be read as Parquet/));

    it('that a validation share is none', () => fails(load('x.csv', table, { validation: 2 }), 'x.csv', /share 2/));

    it('that every row has a label of its own', () => {
      const rows = Array.from({ length: 1200 }, (_, i) => `a b c,id-${i}`).join('\n');
      return fails(load('u.csv', `text,label\n${rows}\n`), 'u.csv', /label of its own/);
    });
  });

  it('is previewed with balance, lengths and what is cut off', async () => {
    const rows = Array.from({ length: 20 }, (_, i) => `${'film '.repeat(i + 1)},${i < 15 ? 'pos' : 'neg'}`);
    const preview = previewOf(await load('b.csv', `text,label\n${rows.join('\n')}\n`), smallTokenizer(), {
      maxLength: 12,
    });
    assert.deepEqual(preview.balance, [
      { label: 'neg', count: 5 },
      { label: 'pos', count: 15 },
    ]);
    assert.equal(preview.longest, 22);
    assert.equal(preview.truncatedShare, 0.5);
    assert.equal(
      preview.histogram.reduce((sum, { count }) => sum + count, 0),
      20,
    );
    assert.match(preview.notes.join(), /10 of 20 examples are longer than 12 tokens, the longest has 22/);
  });

  it('of questions is previewed with the windows of their contexts, reckoned up where only some are looked at', async () => {
    const context = 'ada in london . '.repeat(20).trim();
    const qas = ['1', '2'].map(id => ({ id, question: 'who ?', answers: [{ text: 'ada', answer_start: 0 }] }));
    const data = await load('w.json', JSON.stringify({ data: [{ paragraphs: [{ context, qas }] }] }));
    const tokenizer = smallTokenizer();
    const { length } = featuresOf(data.task, tokenizer, data.train, { maxLength: 32 });
    assert.ok(length > 2);
    assert.equal(previewOf(data, tokenizer, { maxLength: 32 }).windows, length);
    assert.equal(previewOf(data, tokenizer, { maxLength: 32 }, 1).windows, length);
  });

  it('has no second text where none is wanted, whatever the columns are called', async () => {
    const table = 'sentence1,sentence2,label\na b,c d,x\ne f,g h,y\n';
    assert.equal((await load('p.csv', table)).columns.pair, 'sentence2');
    assert.equal((await load('p.csv', table, { pairColumn: '' })).columns.pair, null);
  });

  it('takes a text of 100,000 tokens, cuts it, and says so', async () => {
    const data = await load('long.jsonl', JSON.stringify({ text: 'film '.repeat(100_000), label: 'x' }));
    const tokenizer = smallTokenizer();
    const features = featuresOf(data.task, tokenizer, data.train, { maxLength: 64 });
    assert.equal(features[0]!.ids.length, 64);
    assert.equal(features[0]!.truncated, true);
    const { labels, length } = batchOf(features, [0], { task: data.task, tokenizer });
    assert.deepEqual([...labels], [0]);
    assert.equal(length, 64);
    assert.match(previewOf(data, tokenizer, { maxLength: 64 }).notes.join(), /the longest has 100002/);
  });
});
