/** Choosing data: files of the workspace that a reader knows, described before they are taken,
  and held against the model. */
import path from 'node:path';
import * as vscode from 'vscode';
import type { ModelFacts } from '../ir/model';
import type { FitPlan } from '../protocol/fit-plan';
import { DataError, describeData, matchModel, suggestConfig, type DataConfig } from '../runs';

const PATTERN = '**/*.{csv,tsv,jsonl,npz,npy,idx,idx.gz,idx3-ubyte,idx1-ubyte,gz,txt}';
const EXCLUDED = '**/{node_modules,.git,.venv,venv,.modelwright,dist,build}/**';
const MOST = 200;

interface Item extends vscode.QuickPickItem {
  readonly file?: vscode.Uri;
  readonly browse?: 'file' | 'folder';
}

/** A configuration for what was picked; `code` where the code itself loads its data; undefined where nobody chose. */
export async function pickData(model: ModelFacts, source: vscode.Uri): Promise<DataConfig | 'code' | undefined> {
  if (model.fit?.dataset) return 'code';
  const files = await vscode.workspace.findFiles(PATTERN, EXCLUDED, MOST);
  const here = path.dirname(source.fsPath);
  const items: Item[] = files
    .sort((a, b) => distance(here, a.fsPath) - distance(here, b.fsPath) || a.fsPath.localeCompare(b.fsPath))
    .map(file => ({
      label: path.basename(file.fsPath),
      description: vscode.workspace.asRelativePath(path.dirname(file.fsPath)),
      file,
    }));
  const item = await vscode.window.showQuickPick<Item>(
    [
      ...items,
      { label: '', kind: vscode.QuickPickItemKind.Separator },
      { label: '$(file) Another file…', browse: 'file' },
      { label: '$(folder) A folder of images, one sub-folder per class…', browse: 'folder' },
    ],
    {
      title: `Train ${model.binding} on which data?`,
      matchOnDescription: true,
      placeHolder: 'CSV, JSON lines, IDX, NPY, NPZ, text or images',
    },
  );
  const file =
    item?.file ??
    (item?.browse &&
      (
        await vscode.window.showOpenDialog({
          canSelectFiles: item.browse === 'file',
          canSelectFolders: item.browse === 'folder',
          openLabel: 'Train on this',
        })
      )?.[0]);
  if (!file) return undefined;
  const suggested = await suggestConfig(file.fsPath);
  return suggested.reader === 'csv' ? withLabel(suggested, here) : suggested;
}

/** A table needs to be told which column is the answer; the guess is offered first. */
async function withLabel(config: DataConfig, folder: string): Promise<DataConfig | undefined> {
  const { columns } = await describeData(config, { folder });
  if (!columns || columns.length === 0) return config;
  const guess = config['label'];
  const items = [...columns]
    .reverse()
    .map(column => ({ label: column.name, description: column.kind, picked: column.name === guess }));
  items.sort((a, b) => Number(b.picked) - Number(a.picked));
  const chosen = await vscode.window.showQuickPick(items, { title: 'Which column is to be predicted?' });
  return chosen && { ...config, label: chosen.label };
}

/** False where data and model surely do not fit, which has been said. Warnings ask whether to go on. */
export async function reportMismatch(plan: FitPlan, model: ModelFacts): Promise<boolean> {
  const [input, output] = [model.inputShapes[0], model.outputShapes[0]];
  if (!input || !output || model.inputShapes.length > 1 || model.outputShapes.length > 1) return true;
  const numbers = (shape: readonly (number | string | null)[]): (number | null)[] =>
    shape.map(d => (typeof d === 'number' ? d : null));
  const loss = typeof plan.loss === 'object' && 'class' in plan.loss ? plan.loss.class : undefined;
  let found;
  try {
    const description = await describeData(plan.data, { folder: plan.dataFolder, workspace: [...plan.workspace] });
    found = matchModel(description, {
      input: numbers(input),
      output: numbers(output),
      ...(loss === undefined ? {} : { loss }),
    });
  } catch (error) {
    if (!(error instanceof DataError)) throw error;
    void vscode.window.showErrorMessage(error.message);
    return false;
  }
  const fatal = found.find(m => m.severity === 'error');
  if (fatal) {
    void vscode.window.showErrorMessage(`${fatal.message} ${fatal.hint}`);
    return false;
  }
  for (const warning of found) {
    const answer = await vscode.window.showWarningMessage(`${warning.message} ${warning.hint}`, 'Train Anyway');
    if (!answer) return false;
  }
  return true;
}

/** Steps up and down the folders between two places. */
function distance(folder: string, file: string): number {
  return path.relative(folder, file).split(path.sep).length;
}
