/** The manual of an exported package, and its example: both fit the task and the labels of the model. */
import type { Task } from '../config';

export interface PackageFacts {
  readonly name: string;
  readonly task: Task;
  readonly labels: readonly string[];
  readonly longest: number;
  readonly parameters: number;
}

/** An input as it stands in the code, and what comes back for it. */
const EXAMPLES: Readonly<Record<Task, { readonly input: string; readonly use: string; readonly gives: string }>> = {
  'sequence-classification': {
    input: `'A text to be classified.'`,
    use: '{ label, score, scores }',
    gives: '`label` is the likeliest class, `score` its probability, `scores` the probability of each.',
  },
  regression: {
    input: `'A text to be rated.'`,
    use: '{ score, scores }',
    gives: '`score` is the number, `scores` has one for each column where there are several.',
  },
  'multi-label': {
    input: `'A text with several labels.'`,
    use: '{ label, scores }',
    gives: '`label` names all labels above one half, divided by commas; `scores` has the probability of each.',
  },
  'token-classification': {
    input: `'Ada Lovelace lived in London.'`,
    use: '{ words }',
    gives: '`words` has each word with its `label` and `score`; `label` is all of them, divided by spaces.',
  },
  'question-answering': {
    input: `{ text: 'Who wrote it?', pair: 'It was written by Ada.' }`,
    use: '{ label, score, span }',
    gives:
      '`text` is the question and `pair` the context; `label` is the answer, cut out of the context at `span`. An ' +
      'empty one says that there is none.',
  },
  'masked-lm': {
    input: `'The sky is [MASK].'`,
    use: '{ label, scores }',
    gives: '`label` is the likeliest token behind the first mask, `scores` has the five likeliest.',
  },
};

export function exampleOf({ name, task }: PackageFacts): string {
  const { input, use } = EXAMPLES[task];
  return `// node example.mjs, after: npm install @tensorflow/tfjs
import * as tf from '@tensorflow/tfjs';
import { load } from './index.js'; // '${name}' where the package is installed

const model = await load(tf);
const ${use} = await model.predict(${input});
console.log(${use});
model.dispose();
`;
}

export function readmeOf(facts: PackageFacts): string {
  const { name, task, labels, longest, parameters } = facts;
  const { input, use, gives } = EXAMPLES[task];
  const classes = labels.length > 0 ? `\n\nLabels: ${labels.map(label => `\`${label}\``).join(', ')}.` : '';
  return `# ${name}

A fine-tuned BERT for ${task}, ${parameters.toLocaleString('en-US')} parameters, inputs of up to ${longest} tokens, as
a package for JavaScript. It runs on TensorFlow.js in a browser and in Node.${classes}

## Use

    npm install @tensorflow/tfjs

(or \`@tensorflow/tfjs-node\`, which is many times faster in Node, or \`@tensorflow/tfjs-core\` with a back end)

\`\`\`js
import * as tf from '@tensorflow/tfjs';
import { load } from '${name}';

const model = await load(tf);
const ${use} = await model.predict(${input});
\`\`\`

${gives}

\`predict\` takes one input or a list of them, each a text, or \`{ text, pair }\` for two texts that belong together. Lists
are faster than single texts. \`logits\` are the model's own numbers, \`tokens\` what it has read. Longer inputs are cut.
\`model.dispose()\` gives the memory of the weights back.

In Node, \`npm install ./${name}\` installs this folder, or import \`./${name}/index.js\`. From CommonJS:
\`const { load } = await import('${name}')\`.

In a browser, serve this folder. Where a bundler moves \`index.js\` away from the other files, say where they are:
\`load(tf, { from: '/models/${name}/' })\`.

## Files

| file | what it is |
| --- | --- |
| \`index.js\`, \`index.d.ts\` | tokenizer and model, one ES module without dependencies |
| \`model.safetensors\`, \`config.json\` | weights in single precision and their configuration |
| \`tokenizer.json\` and others | the tokenizer, unchanged |
| \`example.mjs\` | the example above |

\`config.json\`, the weights and the tokenizer are also a checkpoint for Python:
\`AutoModel….from_pretrained(folder)\` gives the same logits up to rounding.
`;
}
