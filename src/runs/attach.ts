/** Follows a run from its first event on, live while its child runs: what was recorded, then what happens. */
import path from 'node:path';
import type { TrainCommand, TrainEvent } from '../protocol/messages';
import { RUN_FILES } from '../protocol/record';
import { SCRIPT_TASK } from '../protocol/script-plan';
import { advance, initialRunState, isLive, type RunState } from '../protocol/run-state';
import { childAnswers, Connection, readChildRecord } from './connection';
import { EventLogReader } from './event-log';
import { isResumable } from './history';

export type RunCommand = Exclude<TrainCommand, { command: 'start' }>;

export interface WatchOptions {
  /** Called for every event in order, with the state it led to. Recorded events come before `watchRun` resolves. */
  onEvent?(event: TrainEvent, state: RunState): void;
  /** The child cannot be followed live (another protocol, a wrong token); what is recorded has been handed over. */
  onRefused?(message: string): void;
}

/** A watched run. It stays until `close`; closing never ends the run. */
export class RunWatch {
  state: RunState = initialRunState;
  /** Settled when nothing more will come: the run has ended, failed or was lost, or the watch was refused or closed. */
  readonly done: Promise<RunState>;
  private readonly log: EventLogReader;
  private connection: Connection | null = null;
  private closed = false;
  /** Number of the next event that is new. */
  private next = 0;
  private finish!: () => void;
  /** Live events that came while the log was still being read. */
  private early: { event: TrainEvent; number: number }[] | null = [];

  constructor(
    readonly folder: string,
    private readonly options: WatchOptions,
  ) {
    this.log = new EventLogReader(path.join(folder, RUN_FILES.events));
    this.done = new Promise(resolve => {
      this.finish = () => resolve(this.state);
    });
  }

  /** Reads what is recorded and, if a child runs, connects to it. */
  async open(): Promise<void> {
    await this.readLog();
    // A log that ends with an end may be the former life of a run whose new child has said nothing yet.
    if (!isLive(this.state) && !(await childAnswers(this.folder))) return this.finish();
    if (!(await this.connect())) await this.over();
  }

  /** False where no child listens to commands any more. */
  send(command: RunCommand): boolean {
    if (!this.connection || !isLive(this.state)) return false;
    this.connection.send(command);
    return true;
  }

  close(): void {
    this.closed = true;
    this.connection?.close();
    this.connection = null;
    this.finish();
  }

  private async readLog(): Promise<void> {
    await this.log.read((event, number) => this.hear(event, number));
  }

  /** Recorded and live events carry the same numbers, so that one that comes both ways is taken once. */
  private hear(event: TrainEvent, number: number): void {
    if (number < this.next) return;
    this.next = number + 1;
    this.apply(event);
  }

  private apply(event: TrainEvent): void {
    if (this.closed) return;
    this.state = advance(this.state, event);
    this.options.onEvent?.(event, this.state);
  }

  /** Resolves once the live events join the recorded ones without a gap; false if there is no child to join. */
  private async connect(): Promise<boolean> {
    const record = await readChildRecord(this.folder);
    if (!record || this.closed) return false;
    return new Promise(resolve => {
      this.early = [];
      let joining: Promise<void> | null = null;
      this.connection = new Connection(record, {
        onHello: () => {
          joining = this.join();
          void joining.then(() => resolve(true));
        },
        onEvent: (event, number) => this.hearLive(event, number),
        onRefused: message => {
          this.options.onRefused?.(message);
          this.connection = null;
          this.finish();
          resolve(true);
        },
        onClose: () => {
          this.connection = null;
          if (joining) void joining.then(() => this.afterClose());
          else resolve(false);
        },
      });
    });
  }

  /** Reads what was recorded up to `hello`, then takes the live events that came meanwhile. */
  private async join(): Promise<void> {
    await this.readLog();
    const early = this.early ?? [];
    this.early = null;
    for (const { event, number } of early) this.hearLive(event, number);
  }

  private hearLive(event: TrainEvent, number: number): void {
    if (this.early) {
      this.early.push({ event, number });
      return;
    }
    this.hear(event, number);
    if (!isLive(this.state)) this.finish();
  }

  private async afterClose(): Promise<void> {
    if (this.closed) return;
    // The last events may have been written after the connection broke; the log has them all.
    await this.readLog();
    if (!isLive(this.state)) return this.finish();
    if (!(await this.connect())) await this.over();
  }

  /** No child is there, or not any more. */
  private async over(): Promise<void> {
    if (this.closed) return;
    // A child that ended between the last reading and the attempt to connect has left its last word in the log.
    await this.readLog();
    if (!isLive(this.state)) return this.finish();
    const resumable = await isResumable(this.folder);
    this.apply({
      type: 'lost',
      time: this.state.lastEventAt ?? Date.now(),
      resumable,
      message: resumable
        ? 'The training process is gone without a last word. The run can be resumed from its last checkpoint.'
        : this.state.setup.task === SCRIPT_TASK
          ? 'The training process is gone without a last word. A script cannot be resumed: start it again.'
          : 'The training process is gone without a last word, before its first checkpoint. Start the run again.',
    });
    this.finish();
  }
}

/** Follows the run in `folder`. Resolves when everything recorded so far is in `state`. */
export async function watchRun(folder: string, options: WatchOptions = {}): Promise<RunWatch> {
  const watch = new RunWatch(folder, options);
  await watch.open();
  return watch;
}
