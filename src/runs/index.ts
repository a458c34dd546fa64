/** The public face of this room. */
export { watchRun, type RunCommand, type RunWatch, type WatchOptions } from './attach';
export {
  checked,
  ConfigurationError,
  readConfiguration,
  withSettings,
  type ConfiguredObject,
  type TrainingConfiguration,
} from './configuration';
export {
  DataError,
  describeData,
  matchModel,
  suggestConfig,
  type DataConfig,
  type DataDescription,
  type Mismatch,
} from './data';
export { exportFormats, exportModel, ExportError, type Exported, type ExportFormat } from './export';
export {
  compareRuns,
  deleteRun,
  findRun,
  listRuns,
  readEvents,
  readRun,
  RunNotFound,
  summarize,
  type RunComparison,
  type RunSummary,
} from './history';
export { resolvePlan, type PlanRequest, type ResolvedPlan } from './plan';
export { discardRun } from './discard';
export { resumeRun } from './resume';
export { SCRIPT_FILES, startScript, type ScriptRequest } from './script';
export { startRun, type ChildProgram, type ChildRuntime, type StartedRun, type StartRequest } from './start';
export { ChildRefusal, LineChild, type LineProgram } from './line-child';
