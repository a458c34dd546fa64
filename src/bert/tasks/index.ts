/** The face of the task data: files in, examples, features and batches out. */
export { batchOf, paddingShare, planBatches, type BatchOptions, type PlanOptions, type TextBatch } from './batches';
export { columnsOf, type ColumnChoice, type Columns } from './columns';
export { featuresOf, IGNORED, maxLengthOf, type Feature, type FeatureOptions } from './features';
export { maskTokens } from './masking';
export { previewOf, type Preview } from './preview';
export { readRecords, type Records } from './records';
export type { Answers } from './squad';
export {
  examplesOf,
  labelsOf,
  loadTaskData,
  type Example,
  type Target,
  type TaskData,
  type TaskDataOptions,
} from './task-data';
