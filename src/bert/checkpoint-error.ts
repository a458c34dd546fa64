/** A checkpoint that cannot be used as it is: one sentence that names the thing, and the way out. */
export class CheckpointError extends Error {
  override readonly name = 'CheckpointError';

  /** @param message one sentence with its full stop. @param hint one sentence that says what to do. */
  constructor(
    message: string,
    readonly hint: string,
  ) {
    super(message);
  }
}
