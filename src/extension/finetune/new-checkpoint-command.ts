/** "New BERT Checkpoint from Text…": a corpus, a size, and whether to pre-train; then a run as any other. */
import path from 'node:path';
import * as vscode from 'vscode';
import {
  CHECKPOINT_SIZES,
  PRETRAIN_DEFAULTS,
  type CheckpointSize,
  type PretrainPlan,
} from '../../protocol/pretrain-plan';
import type { RunRegistry } from '../run-registry';
import { numberText } from './plan-fields';
import { BACK, input, menu, pick, walk, type Back, type Place, type Row, type Step } from './steps';
import { startCheckpointRun } from './start-checkpoint-run';

/** Answers that are known before; with `start` and a corpus nothing is asked. */
export type NewCheckpointPreset = Partial<PretrainPlan> & { readonly seed?: number; readonly start?: boolean };

const TITLE = 'New BERT Checkpoint from Text';
const PATTERN = '**/*.{txt,md,csv,tsv,jsonl,parquet}';
const EXCLUDED = '**/{node_modules,.git,.venv,venv,site-packages,.modelwright,dist,build}/**';
const MOST = 300;
/** Tokens of an example where nothing else is said. */
const LENGTH = 128;

export class NewCheckpointCommand {
  constructor(private readonly registry: RunRegistry) {}

  async run(preset: NewCheckpointPreset = {}): Promise<void> {
    const { seed = 42, start = false, ...given } = preset;
    const plan: PretrainPlan = { ...PRETRAIN_DEFAULTS, corpus: [], ...given };
    if (start && plan.corpus.length === 0) throw new Error('To start at once, a corpus must be given.');
    const answered = start ? plan : await walk(TITLE, [pickCorpus, pickSize, pickSettings], plan);
    const [data] = answered?.corpus ?? [];
    if (!answered || data === undefined) return;
    const title = `BERT ${answered.size} · ${path.basename(data)}`;
    await startCheckpointRun(this.registry, { task: 'pretrain', title, plan: answered, seed, data });
  }
}

interface CorpusItem extends vscode.QuickPickItem {
  readonly file?: string;
  readonly browse?: 'file' | 'folder';
}

const pickCorpus: Step<PretrainPlan> = async (plan, place) => {
  const item = await pick<CorpusItem>({
    place,
    placeholder: 'Text, one sentence or paragraph a line; a table with a column of texts; or a folder of .txt and .md',
    items: corpusItems(),
    active: ({ file }) => file === plan.corpus[0],
  });
  if (item === undefined || item === BACK) return item;
  const files = item.browse
    ? (
        await vscode.window.showOpenDialog({
          canSelectFiles: item.browse === 'file',
          canSelectFolders: item.browse === 'folder',
          canSelectMany: true,
          openLabel: 'Take this text',
        })
      )?.map(({ fsPath }) => fsPath)
    : [item.file!];
  return files && files.length > 0 ? { ...plan, corpus: files } : pickCorpus(plan, place);
};

async function corpusItems(): Promise<CorpusItem[]> {
  const found = await vscode.workspace.findFiles(PATTERN, EXCLUDED, MOST);
  return [
    ...found
      .map(({ fsPath }) => fsPath)
      .filter(file => !/(^|[\\/])(vocab|merges|requirements.*|license)\.txt$/i.test(file))
      .sort()
      .map(file => ({
        label: path.basename(file),
        description: vscode.workspace.asRelativePath(path.dirname(file)),
        file,
      })),
    { label: '', kind: vscode.QuickPickItemKind.Separator },
    { label: '$(file) Other files…', browse: 'file' },
    { label: '$(folder) A folder of .txt and .md files…', browse: 'folder' },
  ];
}

const pickSize: Step<PretrainPlan> = async (plan, place) => {
  const items = (Object.keys(CHECKPOINT_SIZES) as CheckpointSize[]).map(size => {
    const { layers, hiddenSize } = CHECKPOINT_SIZES[size];
    return {
      label: size,
      description: `${layers} layers, ${hiddenSize} wide, ${hiddenSize / 64} attention heads`,
      size,
    };
  });
  const item = await pick({ place, placeholder: 'How large?', items, active: ({ size }) => size === plan.size });
  return item === undefined || item === BACK ? item : { ...plan, size: item.size };
};

type NumberKey = 'vocabularySize' | 'epochs' | 'batchSize' | 'maxLength' | 'learningRate';

const FIELDS: readonly {
  readonly key: NumberKey;
  readonly label: string;
  readonly prompt: string;
  readonly least: number;
}[] = [
  { key: 'epochs', label: 'Epochs of pre-training', prompt: 'By masked language modelling; 0: none', least: 0 },
  { key: 'vocabularySize', label: 'Vocabulary', prompt: 'Tokens at most; a small corpus gives fewer', least: 100 },
  { key: 'maxLength', label: 'Length of an example', prompt: 'Tokens; lines are put together up to it', least: 8 },
  { key: 'batchSize', label: 'Batch size', prompt: 'Examples of a batch', least: 1 },
  { key: 'learningRate', label: 'Learning rate', prompt: 'The largest learning rate', least: 0 },
];

const pickSettings: Step<PretrainPlan> = async (state, place): Promise<PretrainPlan | Back | undefined> => {
  let plan = state;
  const rows = (): Row[] => [
    {
      label: plan.epochs > 0 ? '$(check) Make it and pre-train it' : '$(check) Make it without pre-training',
      description: `${plan.size}, from ${plan.corpus.map(file => path.basename(file)).join(', ')}`,
      go: 'on',
    },
    ...FIELDS.map(({ key, label, prompt, least }): Row => ({
      label,
      description: numberText(plan[key] ?? LENGTH),
      go: async () => {
        const value = await askNumber(
          { ...place, title: `${place.title}: ${label.toLowerCase()}` },
          prompt,
          least,
          plan[key] ?? LENGTH,
        );
        plan = { ...plan, [key]: value };
      },
    })),
    {
      label: 'Lower case',
      description: plan.lowercase ? 'yes: “Film” and “film” are one word' : 'no',
      go: () => {
        plan = { ...plan, lowercase: !plan.lowercase };
        return Promise.resolve();
      },
    },
  ];
  const answer = await menu(place, 'Choose a line to change it.', () => Promise.resolve(rows()));
  if (answer === BACK) return BACK;
  return answer ? plan : undefined;
};

/** The number that was typed, or the one that was there. */
async function askNumber(place: Place, prompt: string, least: number, value: number): Promise<number> {
  const whole = least >= 1 || value >= 1 || value === 0;
  const fits = (text: string): boolean =>
    text.trim() !== '' && Number(text) >= least && (!whole || Number.isInteger(Number(text)));
  const text = await input({
    place,
    prompt,
    value: numberText(value),
    check: typed => (fits(typed) ? undefined : `Type a ${whole ? 'whole ' : ''}number from ${least} on.`),
  });
  return typeof text === 'string' ? Number(text) : value;
}
