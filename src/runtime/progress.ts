// What an installation reports while it runs; the terminal and the editor's progress bar draw it.

export type InstallStep = 'waiting' | 'looking' | 'downloading' | 'unpacking' | 'building' | 'testing' | 'finishing';

export interface InstallProgress {
  step: InstallStep;
  /** One short line for a person, without a full stop. */
  message: string;
  /** Share of this step that is done, 0 to 1; null where it cannot be known. */
  fraction: number | null;
}

export type OnProgress = (progress: InstallProgress) => void;

export function megabytes(bytes: number): string {
  return `${Math.round(bytes / 1e6)} MB`;
}
