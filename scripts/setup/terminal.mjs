// What set-up and tests print: one quiet line a step, with its time; the details only when something fails.
const { stdout } = process;
const colour = stdout.isTTY && !process.env.NO_COLOR;
const paint = code => text => (colour ? `\u001b[${code}m${text}\u001b[0m` : text);

export const bold = paint(1);
export const dim = paint(2);
export const red = paint(31);
export const green = paint(32);
export const yellow = paint(33);

export const seconds = milliseconds => `${(milliseconds / 1000).toFixed(1)} s`;

/** A reason to stop that a person can act on; printed without a stack. */
export class SetupError extends Error {}

/**
 * Runs `work` under one progress line. `work` gets a function that replaces the line's remark while it runs (on a
 * terminal only) and may return a remark for its end.
 */
export async function step(title, work) {
  const begun = Date.now();
  const line = remark => `  ${title.padEnd(20)} ${remark}`;
  const update = remark => {
    if (stdout.isTTY) stdout.write(`\r\u001b[2K${dim(line(remark).slice(0, stdout.columns - 1))}`);
  };
  const end = text => stdout.write(`${stdout.isTTY ? '\r\u001b[2K' : ''}${text}\n`);
  update('…');
  try {
    const remark = await work(update);
    end(line(`${remark || 'ready'} ${dim(`(${seconds(Date.now() - begun)})`)}`));
  } catch (error) {
    end(line(red('failed')));
    throw error;
  }
}

/** Prints what stopped a script and sets the exit code: a SetupError's sentence alone, anything else with its stack. */
export function fail(error) {
  console.error(`\n${red('error:')} ${error instanceof SetupError ? error.message : (error?.stack ?? error)}`);
  process.exitCode = 1;
}
