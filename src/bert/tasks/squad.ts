/** SQuAD's JSON, versions 1.1 and 2.0. Source: Rajpurkar et al. 2016 and 2018. */
import { DataError } from '../../data/data-error';
import type { TextRecord, Records } from './records';

/** Answers of a question; `answer_start` counts code points, as Python does. No text: the question has no answer. */
export interface Answers {
  readonly text: readonly string[];
  readonly answer_start: readonly number[];
}

interface SquadFile {
  data?: {
    paragraphs?: {
      context?: unknown;
      qas?: { id?: unknown; question?: unknown; answers?: { text: string; answer_start: number }[] }[];
    }[];
  }[];
}

/** One record per question, with the columns of the data set on Hugging Face. @throws DataError */
export function readSquad(path: string, value: unknown): Records {
  const { data } = (value ?? {}) as SquadFile;
  if (!Array.isArray(data)) {
    throw new DataError(
      path,
      'the file is neither a list of objects nor SQuAD’s {"data": [{"paragraphs": …}]}',
      'Write one object a line and call it .jsonl, or use the layout of SQuAD.',
    );
  }
  const records: TextRecord[] = [];
  for (const [i, article] of data.entries()) {
    for (const [k, { context, qas }] of (article.paragraphs ?? []).entries()) {
      for (const { id, question, answers = [] } of qas ?? []) {
        if (typeof context !== 'string' || typeof question !== 'string') {
          throw new DataError(
            path,
            `paragraph ${k + 1} of article ${i + 1} has no context or question`,
            'Every paragraph needs "context", every entry of "qas" a "question".',
          );
        }
        const given: Answers = {
          text: answers.map(answer => answer.text),
          answer_start: answers.map(answer => answer.answer_start),
        };
        const row = records.length + 1;
        const name = typeof id === 'string' || typeof id === 'number' ? String(id) : String(row);
        records.push({ row, values: { id: name, question, context, answers: given } });
      }
    }
  }
  return { path, columns: ['id', 'question', 'context', 'answers'], records };
}
