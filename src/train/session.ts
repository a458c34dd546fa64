/** What one child keeps for its run: the event log, the socket, the record, and the fold of its own events. */
import fs from 'node:fs';
import path from 'node:path';
import type { TrainEvent } from '../protocol/messages';
import { initialProgress, RUN_FILES, type RunRecord } from '../protocol/record';
import { advance, initialRunState, type RunState } from '../protocol/run-state';
import { Control } from './control';
import { EventLog, isDiskFull } from './event-log';
import { replaceFile, unsynced } from './files';
import { Server } from './server';
import { TensorBoardWriter } from './tensorboard';

type Untimed<E> = E extends TrainEvent ? Omit<E, 'time'> & { readonly time?: number } : never;

/** Takes an event; its time is added where it has none of its own. */
export type Emit = (event: Untimed<TrainEvent>) => void;

/** TensorBoard gets at most about this many points for each second, all others stay in the event log. */
const TENSORBOARD_MS = 100;

export class Session {
  readonly control = new Control();
  readonly log: EventLog;
  private readonly server: Server;
  private state: RunState = initialRunState;
  private train: TensorBoardWriter | null = null;
  private validation: TensorBoardWriter | null = null;
  private lastPoint = 0;

  constructor(
    readonly folder: string,
    private readonly onCommand?: () => void,
  ) {
    this.log = new EventLog(path.join(folder, RUN_FILES.events));
    this.server = new Server({
      folder,
      log: this.log,
      onCommand: command => {
        this.control.take(command);
        this.onCommand?.();
      },
    });
  }

  async open(): Promise<void> {
    await this.server.listen();
  }

  /** Takes over what was recorded before this child, so that progress and best epoch go on. */
  replay(events: Iterable<TrainEvent>): void {
    for (const event of events) this.state = advance(this.state, event);
  }

  readonly emit: Emit = untimed => {
    const event: TrainEvent = { time: Date.now(), ...untimed };
    const number = this.log.next;
    const line = this.log.append(event);
    this.server.send(number, line);
    this.state = advance(this.state, event);
    this.chart(event);
    if (event.type !== 'step' && event.type !== 'log') this.record();
  };

  /** True while events wait for space on the disk; tries to write them first. */
  logBlocked(): boolean {
    return this.log.diskFull && !this.log.flush();
  }

  async close(): Promise<void> {
    this.train?.close();
    this.validation?.close();
    this.log.close();
    await this.server.close();
  }

  private chart(event: TrainEvent): void {
    if (event.type === 'step' && event.time - this.lastPoint >= TENSORBOARD_MS) {
      this.lastPoint = event.time;
      this.train ??= this.writer('train');
      const values = Object.fromEntries(Object.entries(event.metrics).map(([name, value]) => [`batch_${name}`, value]));
      this.train?.add(event.step, { ...values, learning_rate: event.learningRate }, event.time);
    } else if (event.type === 'epoch') {
      this.train ??= this.writer('train');
      const own: Record<string, number | null> = {};
      const held: Record<string, number | null> = {};
      for (const [name, value] of Object.entries(event.metrics)) {
        if (name.startsWith('val_')) held[`epoch_${name.slice(4)}`] = value;
        else own[`epoch_${name}`] = value;
      }
      this.train?.add(event.epoch, { ...own, epoch_learning_rate: event.learningRate }, event.time);
      if (Object.keys(held).length > 0) {
        this.validation ??= this.writer('validation');
        this.validation?.add(event.epoch, held, event.time);
      }
      this.train?.flush();
      this.validation?.flush();
    }
  }

  /** Charts for TensorBoard are worth no failure of the run. */
  private writer(name: string): TensorBoardWriter | null {
    try {
      return new TensorBoardWriter(path.join(this.folder, RUN_FILES.tensorboard, name));
    } catch {
      return null;
    }
  }

  /** Brings `run.json` up to date. */
  private record(): void {
    const file = path.join(this.folder, RUN_FILES.record);
    try {
      const { state } = this;
      const { setup, story } = state;
      const record = JSON.parse(fs.readFileSync(file, 'utf8')) as RunRecord;
      const progress = {
        ...initialProgress,
        status: state.status,
        epoch: state.epoch,
        epochs: setup.epochs,
        step: state.step,
        metrics:
          story.end?.kind === 'ended'
            ? story.end.metrics
            : Object.keys(story.latestEpoch).length > 0
              ? story.latestEpoch
              : state.latest,
        monitor: setup.monitor,
        best: story.best,
        active: state.active,
        updated: state.lastEventAt ?? 0,
        end: story.end,
      };
      replaceFile(
        file,
        JSON.stringify({ ...record, backend: setup.backend, execution: setup.execution, progress }, null, 2),
        unsynced,
      );
    } catch (error) {
      if (!isDiskFull(error)) throw error; // The event log has it all; the record is a summary.
    }
  }
}
