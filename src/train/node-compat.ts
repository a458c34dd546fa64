// Gives back two functions of `node:util` that Node 23 removed and tfjs-node 4.22 still calls (first in any `cast`).
// Import this before the file that loads TensorFlow; it changes nothing on older Nodes.
import util from 'node:util';

const removed = util as unknown as Record<'isNullOrUndefined' | 'isArray', (value: unknown) => boolean>;
removed.isNullOrUndefined ??= value => value === null || value === undefined;
removed.isArray ??= Array.isArray;
