/** Choosing the data of a fine-tuning, and what its columns mean: guessed by the child, changed by the person. */
import path from 'node:path';
import * as vscode from 'vscode';
import type { FinetunePlan } from '../../protocol/finetune-plan';
import type { ColumnFacts } from '../../protocol/inspection';
import type { Inspector } from './inspector';
import { TASK_WORDS, taskWords } from './plan-fields';
import { BACK, menu, pick, type Back, type Place, type Row } from './steps';

const PATTERN = '**/*.{csv,tsv,jsonl,ndjson,json,parquet,conll,iob,iob2,bio,txt}';
const EXCLUDED = '**/{node_modules,.git,.venv,venv,site-packages,.modelwright,dist,build,.vscode}/**';
/** JSON and text files that are never data. */
const NOT_DATA =
  /(^|\/)((package(-lock)?|tsconfig.*|.*config|tokenizer.*|special_tokens_map|vocab|added_tokens|run|start)\.json|.*\.modelwright\.json|(vocab|merges|requirements.*|license|readme)\.txt)$/i;
const MOST = 300;

interface FileItem extends vscode.QuickPickItem {
  readonly file?: string;
  readonly browse?: true;
}

/** The path of a data file; files near the code that was open come first. */
export async function pickTextData(place: Place, chosen: string | null): Promise<string | Back | undefined> {
  const item = await pick<FileItem>({
    place,
    placeholder: 'CSV, TSV, JSON lines, Parquet, CoNLL, SQuAD JSON, or text',
    items: fileItems(chosen),
    active: ({ file }) => file !== undefined && file === chosen,
    typed: text => (path.isAbsolute(text) ? { label: `$(file) ${text}`, file: text } : undefined),
  });
  if (item === undefined || item === BACK) return item;
  if (!item.browse) return item.file;
  const picked = await vscode.window.showOpenDialog({ openLabel: 'Take these data' });
  return picked?.[0]?.fsPath ?? pickTextData(place, chosen);
}

async function fileItems(chosen: string | null): Promise<FileItem[]> {
  const found = await vscode.workspace.findFiles(PATTERN, EXCLUDED, MOST);
  const here = path.dirname(vscode.window.activeTextEditor?.document.uri.fsPath ?? '');
  const distance = (file: string): number => path.relative(here, file).split(path.sep).length;
  const files = found.map(({ fsPath }) => fsPath).filter(file => !NOT_DATA.test(file.split(path.sep).join('/')));
  if (chosen !== null && !files.includes(chosen)) files.push(chosen);
  return [
    ...files
      .sort((a, b) => distance(a) - distance(b) || a.localeCompare(b))
      .map(file => ({
        label: path.basename(file),
        description: vscode.workspace.asRelativePath(path.dirname(file)),
        file,
      })),
    { label: '', kind: vscode.QuickPickItemKind.Separator },
    { label: '$(file) Another file…', browse: true },
  ];
}

type Columns = Pick<FinetunePlan, 'task' | 'textColumn' | 'pairColumn' | 'labelColumn'>;

/** What is to be learned from which columns; undefined where the person gave up. */
export async function pickColumns(
  inspector: Inspector,
  place: Place,
  data: string,
  given: Columns,
): Promise<Columns | Back | undefined> {
  let { task, textColumn, pairColumn, labelColumn } = given;
  const wishes = (): Columns => ({ task, textColumn, pairColumn, labelColumn });
  const answer = await menu(place, 'What is to be learned? Choose a line to change it.', async () => {
    const facts = await inspector.ask('columns', { data, wishes: wishes() });
    const { chosen, problem, rows } = facts;
    const column = (title: string, current: string | null, ...others: ColumnItem[]): Promise<string | null> =>
      pickColumn({ ...place, title: `${place.title}: ${title}` }, facts, current, others);
    const told = (own: string | null): string => (own === null ? ' (told by the data)' : '');
    const items: Row[] = [
      chosen
        ? {
            label: `$(check) Continue: ${taskWords(chosen.task)}`,
            description: `${rows.toLocaleString('en')} rows`,
            detail: sentence(chosen),
            go: 'on',
          }
        : {
            label: '$(warning) The data do not tell what is to be learned',
            detail: problem ?? '',
            go: async () => void (task = await pickTask(place, task)),
          },
      {
        label: 'Task',
        description: chosen ? taskWords(chosen.task) + told(task) : 'choose one',
        go: async () => void (task = await pickTask(place, task)),
      },
      {
        label: 'Text',
        description: chosen ? chosen.text + told(textColumn) : (textColumn ?? 'choose a column'),
        go: async () => void (textColumn = await column('the text', textColumn)),
      },
      {
        label: 'Second text',
        description: chosen?.pair ? chosen.pair + told(pairColumn) : 'none',
        go: async () => void (pairColumn = await column('the second text', pairColumn, NO_COLUMN)),
      },
      {
        label: 'Label',
        description: chosen
          ? (chosen.labels.join(', ') || 'none') + told(labelColumn)
          : (labelColumn ?? 'choose a column'),
        go: async () => void (labelColumn = await column('the label', labelColumn)),
      },
    ];
    return items;
  });
  if (answer === BACK) return BACK;
  return answer ? wishes() : undefined;
}

function sentence({ text, pair, labels, classes, task }: NonNullable<ColumnFacts['chosen']>): string {
  const input = pair === null ? `“${text}”` : `“${text}” with “${pair}”`;
  if (task === 'masked-lm') return `Hidden tokens of ${input}`;
  const shown = classes.length > 8 ? [...classes.slice(0, 8), `… (${classes.length})`] : classes;
  const output = labels.map(label => `“${label}”`).join(', ');
  return `${input} → ${output}${shown.length > 0 && task !== 'regression' ? `: ${shown.join(', ')}` : ''}`;
}

async function pickTask(place: Place, current: string | null): Promise<string | null> {
  const items = [
    { label: 'As the data tell', task: null as string | null },
    ...Object.entries(TASK_WORDS).map(([task, words]) => ({ label: words, description: task, task })),
  ];
  const item = await pick({
    place: { ...place, title: `${place.title}: the task` },
    placeholder: 'What is to be learned?',
    items,
    active: ({ task }) => task === current,
  });
  return item === undefined || item === BACK ? current : item.task;
}

interface ColumnItem extends vscode.QuickPickItem {
  readonly column: string | null;
}

/** What the data tell of a second text may be wrong: two columns of texts are not always a pair. */
const NO_COLUMN: ColumnItem = { label: 'None', description: 'each example is one text', column: '' };

async function pickColumn(
  place: Place,
  { columns }: ColumnFacts,
  current: string | null,
  others: readonly ColumnItem[],
): Promise<string | null> {
  const items: ColumnItem[] = [
    { label: 'As the data tell', column: null },
    ...others,
    ...columns.map(({ name, sample }) => ({ label: name, description: sample, column: name })),
  ];
  const item = await pick({ place, placeholder: 'Which column?', items, active: ({ column }) => column === current });
  return item === undefined || item === BACK ? current : item.column;
}
