/**
 * The JSON Schema of the "data" object of a training configuration, derived from the readers; the manifest's schema
 * embeds it.
 */
import type { KeySpec } from './reader';
import { readers, sharedKeys } from './readers';

type Json = Record<string, unknown>;

function property({ schema, doc, default: value }: KeySpec): Json {
  return { ...schema, description: doc, ...(value !== undefined && { default: value }) };
}

/** JSON Schema draft 7, the one VS Code's editor completes from. */
export function dataSchema(): Json {
  const variants = readers.map(reader => ({
    if: { properties: { reader: { const: reader.id } } },
    then: {
      description: reader.doc,
      properties: {
        reader: { const: reader.id },
        ...Object.fromEntries([...sharedKeys, ...reader.keys].map(key => [key.name, property(key)])),
      },
      required: reader.keys.filter(key => key.required).map(key => key.name),
      additionalProperties: false,
    },
  }));
  return {
    type: 'object',
    description: 'Where the training data comes from and how it is prepared.',
    properties: { reader: { enum: readers.map(({ id }) => id), enumDescriptions: readers.map(({ title }) => title) } },
    required: ['reader'],
    allOf: variants,
    defaultSnippets: readers.map(reader => ({ label: reader.title, description: reader.doc, body: reader.example })),
  };
}

/** The reference page of the readers, in Markdown. */
export function dataMarkdown(): string {
  const cell = (text: string): string => text.replace(/\|/g, '\\|').replace(/\n/g, ' ');
  const preset = ({ default: value, required }: KeySpec): string => {
    if (required) return 'required';
    return value === undefined ? '' : `\`${JSON.stringify(value)}\``;
  };
  const table = (keys: readonly KeySpec[]): string[] => [
    '| key | default | meaning |',
    '| --- | --- | --- |',
    ...keys.map(key => `| \`${key.name}\` | ${preset(key)} | ${cell(key.doc)} |`),
  ];
  return [
    '# Data readers',
    '',
    'The `data` object of a `*.modelwright.json` names a reader and its keys. Relative paths start at the folder of ' +
      'the ' +
      'file.',
    '',
    '## Keys of every reader',
    '',
    ...table(sharedKeys),
    '',
    ...readers.flatMap(reader => [
      `## ${reader.title}: \`${reader.id}\``,
      '',
      reader.doc,
      '',
      ...table(reader.keys),
      '',
      '```json',
      JSON.stringify(reader.example, null, 2),
      '```',
      '',
    ]),
  ].join('\n');
}
