/** The predicting child as the editor starts it: on the runtime that training would use. */
import path from 'node:path';
import type { PredictAnswer, PredictRequest } from '../../protocol/prediction';
import { LineChild, type ChildRuntime } from '../../runs';

export type PredictChild = LineChild<Omit<PredictRequest, 'id'>, PredictAnswer>;

/** Started with its first question; whoever made it disposes of it. */
export function predictChild(extensionPath: string, runtime: () => Promise<ChildRuntime>): PredictChild {
  return new LineChild(async () => {
    const { node, env, tfjsNodeFolder } = await runtime();
    return {
      node,
      script: path.join(extensionPath, 'dist', 'predict.js'),
      env: { ...env, MODELWRIGHT_RUNTIME: tfjsNodeFolder ?? 'embedded' },
    };
  });
}
