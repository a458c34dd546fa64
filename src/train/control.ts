/**
 * What a watcher asks of the running loop. Commands arrive at any time and take effect exactly between two optimiser
 * steps, so that pausing, resuming and stopping leave every weight as an uninterrupted run would have it.
 */
import type { TrainCommand } from '../protocol/messages';

export type StopRequest = { readonly keep: 'last' | 'best' } | { readonly now: true };

/** How long the loop may compute before it lets the event loop hear commands and send events. */
const TURN_MS = 30;

export class Control {
  paused: 'command' | 'disk-full' | null = null;
  stop: StopRequest | null = null;
  wantsCheckpoint = false;
  /** Live changes that the loop has not taken yet. */
  changes: { learningRate?: number; epochs?: number } = {};
  private wake: (() => void) | null = null;
  private lastTurn = performance.now();

  take(command: TrainCommand): void {
    switch (command.command) {
      case 'pause':
        this.paused ??= 'command';
        break;
      case 'resume':
        this.paused = null;
        break;
      case 'stop':
        this.stop ??= { keep: command.keep === 'best' ? 'best' : 'last' };
        break;
      case 'stop-now':
        this.stop = { now: true };
        break;
      case 'checkpoint':
        this.wantsCheckpoint = true;
        break;
      case 'set': {
        const { learningRate, epochs } = command;
        if (typeof learningRate === 'number' && learningRate >= 0 && Number.isFinite(learningRate)) {
          this.changes.learningRate = learningRate;
        }
        if (typeof epochs === 'number' && Number.isInteger(epochs) && epochs >= 1) this.changes.epochs = epochs;
        break;
      }
      case 'start':
        break;
    }
    this.wake?.();
  }

  /** Lets commands in, if the loop has computed long enough. Cheap enough to be called after every step. */
  async breathe(): Promise<void> {
    if (performance.now() - this.lastTurn < TURN_MS) return;
    await new Promise(resolve => setImmediate(resolve));
    this.lastTurn = performance.now();
  }

  /** Resolves at the next command. */
  async nextCommand(): Promise<void> {
    await new Promise<void>(resolve => {
      this.wake = resolve;
    });
    this.wake = null;
    this.lastTurn = performance.now();
  }
}
