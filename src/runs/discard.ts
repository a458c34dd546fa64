/** Takes back a run that never began: its input could not be used, and there is nothing in it that anyone wants. */
import fs from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { RUN_FILES } from '../protocol/record';
import { modelwrightFolder, runFolder, runsFolder } from './folder';

const POLL_MS = 50;
const PATIENCE_MS = 5000;

/** Waits for the child to end, then removes the run's folder, and the folders above that were made for it alone. */
export async function discardRun(workspace: string, id: string): Promise<void> {
  const folder = runFolder(workspace, id);
  const child = path.join(folder, RUN_FILES.child);
  const exists = (): Promise<boolean> =>
    fs.access(child).then(
      () => true,
      () => false,
    );
  for (let waited = 0; waited < PATIENCE_MS && (await exists()); waited += POLL_MS) await wait(POLL_MS);
  await fs.rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  // Nothing is lost where other files are: `rmdir` removes empty folders alone.
  const above = modelwrightFolder(workspace);
  const onlyOurs = await fs.rmdir(runsFolder(workspace)).then(
    async () => (await fs.readdir(above)).join() === '.gitignore',
    () => false,
  );
  if (onlyOurs) await fs.rm(above, { recursive: true, force: true });
}
