/** Choosing a checkpoint: those of the workspace, of finished runs and of Python's cache, a folder, or an id of the hub. */
import path from 'node:path';
import * as vscode from 'vscode';
import type { CheckpointFacts } from '../../protocol/inspection';
import { ChildRefusal } from '../../runs';
import type { Inspector } from './inspector';
import { isHubId, sizeWords, taskWords } from './plan-fields';
import { BACK, input, pick, type Back, type Place } from './steps';

interface Item extends vscode.QuickPickItem {
  readonly facts?: CheckpointFacts;
  readonly name?: string;
  readonly other?: 'folder' | 'hub' | 'retry' | 'copy';
}

export interface CheckpointWish {
  readonly place: Place;
  readonly placeholder: string;
  /** Fine-tuned ones alone. */
  readonly trained: boolean;
  /** What the code names, or was chosen before. */
  readonly preset: string | null;
}

const EXCLUDED = '**/{node_modules,.git,.venv,venv,site-packages,dist,checkpoints}/**';
const MOST = 300;

/** Asks until there is a checkpoint that can be read; undefined where the person gave up. */
export async function pickCheckpoint(
  inspector: Inspector,
  wish: CheckpointWish,
): Promise<CheckpointFacts | Back | undefined> {
  for (;;) {
    const item = await chosen(inspector, wish);
    if (item === undefined || item === BACK) return item;
    const name = item.facts?.folder ?? item.name;
    const found = name === undefined ? undefined : await located(inspector, name, wish.place);
    if (found) return item.facts ?? found;
  }
}

/** The checkpoint of a name, downloaded where need be; the way out where it cannot be had. Undefined: choose again. */
export async function located(inspector: Inspector, name: string, place: Place): Promise<CheckpointFacts | undefined> {
  let wanted = name;
  for (;;) {
    try {
      return await inspector.askVisibly(`Modelwright: looking for ${wanted}`, 'checkpoint', { name: wanted });
    } catch (error) {
      if (!(error instanceof ChildRefusal)) throw error;
      const next = await wayOut(error, wanted, place);
      if (next === undefined) return undefined;
      wanted = next;
    }
  }
}

/** After a checkpoint could not be had: another name to try, or undefined to choose again. */
async function wayOut(refusal: ChildRefusal, name: string, place: Place): Promise<string | undefined> {
  const command = `hf download ${name.replace('@', ' --revision ')}`;
  // A list has one line for each of them; the whole sentence with its way out stands in the message.
  void vscode.window.showWarningMessage(`${refusal.message} ${refusal.hint}`);
  for (;;) {
    const item = await pick<Item>({
      place: { ...place, title: `${place.title}: ${name} cannot be used` },
      placeholder: refusal.message,
      items: [
        { label: '$(list-unordered) Choose another checkpoint', detail: refusal.hint },
        { label: '$(folder) Take a folder on this machine…', other: 'folder' },
        ...(isHubId(name)
          ? ([
              { label: '$(refresh) Try again', other: 'retry' },
              { label: '$(copy) Copy the command that downloads it', detail: command, other: 'copy' },
            ] as const)
          : []),
      ],
    });
    if (item === undefined || item === BACK || item.other === undefined) return undefined;
    if (item.other === 'retry') return name;
    if (item.other === 'copy') {
      await vscode.env.clipboard.writeText(command);
      void vscode.window.showInformationMessage(`Copied: ${command}. Run it where there is a network, then try again.`);
      continue;
    }
    const folder = await browse();
    if (folder !== undefined) return folder;
  }
}

async function chosen(
  inspector: Inspector,
  { place, placeholder, trained, preset }: CheckpointWish,
): Promise<Item | Back | undefined> {
  const typed = (text: string): Item | undefined => {
    if (isHubId(text)) return { label: `$(cloud-download) ${text}`, description: 'from the hub', name: text };
    return path.isAbsolute(text) ? { label: `$(folder) ${text}`, description: 'a folder', name: text } : undefined;
  };
  const items = itemsOf(inspector, trained, preset);
  const item = await pick<Item>({ place, placeholder, items, typed });
  if (item === undefined || item === BACK) return item;
  if (item.other === 'folder') {
    const folder = await browse();
    return folder === undefined
      ? chosen(inspector, { place, placeholder, trained, preset })
      : { label: folder, name: folder };
  }
  if (item.other === 'hub') {
    const id = await input({
      place,
      prompt: 'A model of the Hugging Face hub: owner/name, with @revision if wanted. It is kept in Python’s cache.',
      placeholder: 'google-bert/bert-base-uncased',
      value: preset !== null && isHubId(preset) ? preset : '',
      check: text => (isHubId(text.trim()) ? undefined : 'An id is owner/name, such as google-bert/bert-base-uncased.'),
    });
    if (id === BACK) return chosen(inspector, { place, placeholder, trained, preset });
    return id === undefined ? undefined : { label: id, name: id.trim() };
  }
  return item;
}

async function itemsOf(inspector: Inspector, trained: boolean, preset: string | null): Promise<Item[]> {
  const found = await vscode.workspace.findFiles('**/config.json', EXCLUDED, MOST);
  const folders = found.map(file => path.dirname(file.fsPath)).sort();
  const all = await inspector.ask('checkpoints', { folders });
  const facts = trained ? all.filter(({ task }) => task !== null) : all;
  const known = facts.find(({ name, folder }) => name === preset || folder === preset);
  const items: Item[] = [];
  if (known) items.push(separator('Named in the code'), itemOf(known));
  else if (preset !== null) {
    items.push(separator('Named in the code'), {
      label: `$(cloud-download) ${preset}`,
      description: isHubId(preset) ? 'from the hub' : '',
      name: preset,
    });
  }
  const rest = facts.filter(one => one !== known);
  const here = rest.filter(({ source }) => source === 'folder');
  // What was fine-tuned last is what is wanted next.
  const runs = here.filter(one => runOf(one) !== undefined).sort((a, b) => (runOf(a)! < runOf(b)! ? 1 : -1));
  const own = here.filter(one => runOf(one) === undefined);
  const cached = rest.filter(({ source }) => source === 'cache');
  const group = (name: string, members: readonly CheckpointFacts[]): void => {
    if (members.length > 0) items.push(separator(name), ...members.map(itemOf));
  };
  if (trained) group('Fine-tuned here', runs);
  group('In this workspace', own);
  group('In Python’s cache of the hub', cached);
  if (!trained) group('Fine-tuned here', runs);
  return [
    ...items,
    separator('Elsewhere'),
    { label: '$(folder) A folder with config.json…', other: 'folder' },
    { label: '$(cloud-download) A model of the Hugging Face hub…', other: 'hub' },
  ];
}

function separator(label: string): Item {
  return { label, kind: vscode.QuickPickItemKind.Separator };
}

function itemOf(facts: CheckpointFacts): Item {
  const { name, folder, family, task } = facts;
  const where = facts.source === 'cache' ? '' : vscode.workspace.asRelativePath(folder);
  return {
    label: runOf(facts) ?? name,
    description: `${family} · ${sizeWords(facts)}${task === null || task === 'masked-lm' ? '' : ` · ${taskWords(task)}`}`,
    ...(where && { detail: where }),
    facts,
  };
}

/** The run that a checkpoint came out of. */
function runOf({ folder }: CheckpointFacts): string | undefined {
  return /[\\/]\.modelwright[\\/]runs[\\/]([^\\/]+)[\\/]/.exec(folder)?.[1];
}

async function browse(): Promise<string | undefined> {
  const picked = await vscode.window.showOpenDialog({
    canSelectFiles: false,
    canSelectFolders: true,
    openLabel: 'Take this checkpoint',
  });
  return picked?.[0]?.fsPath;
}
