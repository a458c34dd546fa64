/**
 * "Fine-tune BERT Checkpoint…": checkpoint, data, columns and settings, one question each with a way back; then a page
 * that shows what the run will be like, and the run itself. Whoever brings answers along is asked for the rest.
 */
import path from 'node:path';
import * as vscode from 'vscode';
import type { FinetuneStep, PlanLine } from '../../protocol/finetune-page';
import { FINETUNE_DEFAULTS, type FinetunePlan } from '../../protocol/finetune-plan';
import type { CheckpointFacts, FinetunePreview } from '../../protocol/inspection';
import { ChildRefusal } from '../../runs';
import { FinetunePanel } from '../panels/finetune-panel';
import type { RunRegistry } from '../run-registry';
import { Inspector } from './inspector';
import { pickCheckpoint } from './pick-checkpoint';
import { pickColumns, pickTextData } from './pick-text-data';
import { changedPlan, PLAN_FIELDS, sizeWords, taskWords } from './plan-fields';
import type { FinetunePreset } from './preset';
import { startCheckpointRun } from './start-checkpoint-run';
import { BACK, input, menu, walk, type Back, type Place, type Row, type Step } from './steps';

const TITLE = 'Fine-tune BERT Checkpoint';
const SEED = 42;

interface Draft {
  readonly plan: FinetunePlan;
  readonly seed: number;
  readonly checkpoint: CheckpointFacts | null;
}

const STEPS: readonly FinetuneStep[] = ['checkpoint', 'data', 'columns', 'settings'];

export class FinetuneCommand {
  constructor(
    private readonly context: vscode.ExtensionContext,
    private readonly registry: RunRegistry,
  ) {}

  async run(preset: FinetunePreset = {}): Promise<void> {
    const { seed = SEED, source, start = false, ...given } = preset;
    const plan: FinetunePlan = { ...FINETUNE_DEFAULTS, checkpoint: '', data: '', ...given };
    const draft: Draft = { plan: resolved(plan, source), seed, checkpoint: null };
    if (start) {
      if (!plan.checkpoint || !plan.data) throw new Error('To start at once, a checkpoint and data must be given.');
      await this.start(draft.plan, seed);
      return;
    }
    const inspector = new Inspector(this.context.extensionPath);
    try {
      const answered = await this.ask(inspector, draft, 0);
      if (answered) this.preview(inspector, answered);
      else inspector.dispose();
    } catch (error) {
      inspector.dispose();
      throw withHint(error);
    }
  }

  private ask(inspector: Inspector, draft: Draft, first: number): Promise<Draft | undefined> {
    const checkpoint: Step<Draft> = async (state, place) => {
      const facts = await pickCheckpoint(inspector, {
        place,
        placeholder: 'Which checkpoint? Type an id such as google-bert/bert-base-uncased for one of the hub.',
        trained: false,
        preset: state.checkpoint?.folder ?? (state.plan.checkpoint || null),
      });
      if (facts === BACK || facts === undefined) return facts;
      const name = facts.source === 'folder' ? facts.folder : facts.name;
      const { maxLength } = state.plan;
      // What the code says for another checkpoint may be more than this one takes.
      const length = maxLength === null ? null : Math.min(maxLength, facts.maxTokens);
      return { ...state, checkpoint: facts, plan: { ...state.plan, checkpoint: name, maxLength: length } };
    };
    const data: Step<Draft> = async (state, place) => {
      const file = await pickTextData(place, state.plan.data || null);
      if (file === BACK || file === undefined) return file;
      // Columns of another file mean nothing here.
      const forgotten = { task: null, textColumn: null, pairColumn: null, labelColumn: null };
      const kept = state.plan.data === '' || state.plan.data === file;
      return { ...state, plan: { ...state.plan, data: file, ...(kept ? {} : forgotten) } };
    };
    const columns: Step<Draft> = async (state, place) => {
      const chosen = await pickColumns(inspector, place, state.plan.data, state.plan);
      return chosen === BACK || chosen === undefined ? chosen : { ...state, plan: { ...state.plan, ...chosen } };
    };
    return walk(TITLE, [checkpoint, data, columns, pickSettings], draft, first);
  }

  /** The page; it stays until the run is started or the page closed. */
  private preview(inspector: Inspector, answered: Draft): void {
    let draft = answered;
    const title = titleOf(draft);
    const panel = new FinetunePanel(this.context.extensionUri, `Fine-tune ${title}`, {
      onDispose: () => inspector.dispose(),
      onMessage: async message => {
        try {
          if (message.type === 'start') {
            panel.show({ type: 'busy', words: 'Starting …' });
            await this.start(draft.plan, draft.seed);
            panel.close();
            return;
          }
          const changed =
            message.type === 'apply'
              ? { ...draft, plan: changedPlan(draft.plan, message.changes) }
              : await this.ask(inspector, draft, STEPS.indexOf(message.step));
          panel.reveal();
          if (!changed) return;
          draft = changed;
          await show();
        } catch (error) {
          fail(error);
        }
      },
    });
    const fail = (error: unknown): void => {
      const { message, hint = '' } = error as { message: string; hint?: string };
      panel.show({ type: 'failed', message, hint });
    };
    const show = async (): Promise<void> => {
      panel.show({ type: 'busy', words: 'Reading checkpoint and data …' });
      const { plan, seed } = draft;
      const preview = await inspector.ask('preview', { plan, seed });
      panel.show({ type: 'preview', title: titleOf(draft), lines: linesOf(draft, preview), plan, preview });
    };
    void show().catch(fail);
  }

  private async start(plan: FinetunePlan, seed: number): Promise<void> {
    const title = `${path.basename(plan.checkpoint)} · ${path.basename(plan.data)}`;
    await startCheckpointRun(this.registry, { task: 'finetune', title, plan, seed, data: plan.data });
  }
}

/** A menu of the settings; each is shown with its value and can be typed anew. */
async function pickSettings(state: Draft, place: Place): Promise<Draft | Back | undefined> {
  let { plan } = state;
  const answer = await menu(place, 'Choose a line to change it.', () =>
    Promise.resolve<Row[]>([
      { label: '$(check) Continue to the preview', description: 'nothing is trained yet', go: 'on' },
      ...PLAN_FIELDS.map((field): Row => ({
        label: field.label,
        description: field.describe(plan),
        go: async () => {
          const text = await input({
            place: { ...place, title: `${place.title}: ${field.label.toLowerCase()}` },
            prompt: field.prompt,
            value: field.text(plan),
            check: typed => {
              const read = field.read(typed);
              return typeof read === 'string' ? read : undefined;
            },
          });
          const read = typeof text === 'string' ? field.read(text) : undefined;
          if (typeof read === 'object') plan = changedPlan(plan, read);
        },
      })),
    ]),
  );
  if (answer === BACK) return BACK;
  return answer ? { ...state, plan: resolved(plan, plan.data) } : undefined;
}

/** Paths as absolute ones; what is no path (an id of the hub) stays. */
function resolved(plan: FinetunePlan, source: string | undefined): FinetunePlan {
  const base = source === undefined ? vscode.workspace.workspaceFolders?.[0]?.uri.fsPath : path.dirname(source);
  const absolute = (name: string): string => (base === undefined ? name : path.resolve(base, name));
  const { data, validation, checkpoint } = plan;
  return {
    ...plan,
    checkpoint: /^\.{1,2}[\\/]/.test(checkpoint) ? absolute(checkpoint) : checkpoint,
    data: data === '' ? '' : absolute(data),
    validation: typeof validation === 'string' ? absolute(validation) : validation,
  };
}

function titleOf({ checkpoint, plan }: Draft): string {
  return `${checkpoint?.name ?? path.basename(plan.checkpoint)} on ${path.basename(plan.data)}`;
}

function linesOf({ plan }: Draft, preview: FinetunePreview): Record<FinetuneStep, PlanLine[]> {
  const { checkpoint, columns, task } = preview;
  const line = (label: string, value: string): PlanLine => ({ label, value });
  return {
    checkpoint: [
      line('Checkpoint', checkpoint.name),
      line('Family', `${checkpoint.family} · ${sizeWords(checkpoint)}`),
    ],
    data: [line('Data', vscode.workspace.asRelativePath(plan.data))],
    columns: [
      line('Task', taskWords(task)),
      line('Text', columns.text),
      ...(columns.pair === null ? [] : [line('Second text', columns.pair)]),
      ...(columns.labels.length > 0 ? [line('Label', columns.labels.join(', '))] : []),
    ],
    settings: PLAN_FIELDS.map(field => line(field.label, field.describe(plan))),
  };
}

/** The sentence and its way out in one, for a message. */
function withHint(error: unknown): unknown {
  return error instanceof ChildRefusal ? new Error(`${error.message} ${error.hint}`) : error;
}
