/** Steps of one question each, with a way back: VS Code's quick pick and input box as functions that give an answer. */
import * as vscode from 'vscode';

/** Where a step stands, for its title. */
export interface Place {
  readonly title: string;
  readonly step: number;
  readonly steps: number;
}

export const BACK = Symbol('back');
export type Back = typeof BACK;

/** The state after a step; BACK for the step before; undefined where the person gave up. */
export type Step<State> = (state: State, place: Place) => Promise<State | Back | undefined>;

/** Goes through the steps from `first` on. Back from the first one gives up. */
export async function walk<State>(
  title: string,
  steps: readonly Step<State>[],
  state: State,
  first = 0,
): Promise<State | undefined> {
  const states: State[] = [state];
  let at = first;
  while (at < steps.length) {
    const result = await steps[at]!(states.at(-1)!, { title, step: at + 1, steps: steps.length });
    if (result === undefined) return undefined;
    if (result === BACK) {
      if (at === 0) return undefined;
      at--;
      // Before the step this walk began with there is no older state: what was answered stays answered.
      if (states.length > 1) states.pop();
    } else {
      states.push(result);
      at++;
    }
  }
  return states.at(-1)!;
}

export interface PickOptions<Item extends vscode.QuickPickItem> {
  readonly place: Place;
  readonly placeholder: string;
  readonly items: readonly Item[] | Promise<readonly Item[]>;
  /** Where the cursor stands first. */
  readonly active?: (item: Item) => boolean;
  /** An item made from what was typed, shown above the others. */
  readonly typed?: (text: string) => Item | undefined;
}

export async function pick<Item extends vscode.QuickPickItem>(
  options: PickOptions<Item>,
): Promise<Item | Back | undefined> {
  const quickPick = vscode.window.createQuickPick<Item>();
  dress(quickPick, options.place);
  quickPick.placeholder = options.placeholder;
  quickPick.matchOnDescription = quickPick.matchOnDetail = true;
  let items: readonly Item[] = [];
  const show = (): void => {
    const typed = options.typed?.(quickPick.value.trim());
    quickPick.items = typed ? [typed, ...items] : items;
  };
  const load = async (): Promise<void> => {
    quickPick.busy = true;
    items = await options.items;
    quickPick.busy = false;
    show();
    const active = options.active && items.find(options.active);
    if (active) quickPick.activeItems = [active];
  };
  if (options.typed) quickPick.onDidChangeValue(show);
  return new Promise<Item | Back | undefined>((resolve, reject) => {
    quickPick.onDidAccept(() => {
      const [item] = quickPick.selectedItems;
      if (item) resolve(item);
    });
    quickPick.onDidTriggerButton(() => resolve(BACK));
    quickPick.onDidHide(() => resolve(undefined));
    quickPick.show();
    load().catch(reject);
  }).finally(() => quickPick.dispose());
}

export interface InputOptions {
  readonly place: Place;
  readonly prompt: string;
  readonly value: string;
  readonly placeholder?: string;
  /** A sentence where the text cannot be taken. */
  readonly check: (text: string) => string | undefined;
}

export async function input(options: InputOptions): Promise<string | Back | undefined> {
  const box = vscode.window.createInputBox();
  dress(box, options.place);
  box.prompt = options.prompt;
  box.value = options.value;
  if (options.placeholder !== undefined) box.placeholder = options.placeholder;
  return new Promise<string | Back | undefined>(resolve => {
    box.onDidChangeValue(text => (box.validationMessage = options.check(text)));
    box.onDidAccept(() => {
      box.validationMessage = options.check(box.value);
      if (box.validationMessage === undefined) resolve(box.value);
    });
    box.onDidTriggerButton(() => resolve(BACK));
    box.onDidHide(() => resolve(undefined));
    box.show();
  }).finally(() => box.dispose());
}

function dress(box: vscode.QuickInput & { buttons: readonly vscode.QuickInputButton[] }, place: Place): void {
  box.title = place.title;
  box.step = place.step;
  box.totalSteps = place.steps;
  box.ignoreFocusOut = true;
  if (place.step > 1) box.buttons = [vscode.QuickInputButtons.Back];
}

export interface Row extends vscode.QuickPickItem {
  /** What choosing the row does: goes on, or asks one thing and shows the menu again. */
  readonly go: 'on' | (() => Promise<void>);
}

/** A menu of what was guessed: each row can be changed, the first one goes on. */
export async function menu(place: Place, placeholder: string, rows: () => Promise<Row[]>): Promise<boolean | Back> {
  let last = '';
  for (;;) {
    const items = rows();
    const chosen = await pick<Row>({ place, placeholder, items, active: row => row.label === last });
    if (chosen === undefined) return false;
    if (chosen === BACK) return BACK;
    if (chosen.go === 'on') return true;
    last = chosen.label;
    await chosen.go();
  }
}
