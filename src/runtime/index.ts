// The public face of this room: finds, explains, installs and repairs the TensorFlow runtime that the training child
// uses. It never loads TensorFlow itself; a self-test in a process of its own does.
export { thisMachine, type Environment } from './environment';
export {
  chooseRuntime,
  findRuntimes,
  launchOf,
  type Candidate,
  type FindOptions,
  type Launch,
  type Runtime,
  type RuntimeSource,
} from './find';
export { diagnose, type Diagnosis, type DiagnoseOptions, type Repair } from './diagnose';
export { installRuntime, type InstallOptions } from './install';
export { diagnosisText } from './report';
export { describeNode, type NodeExecutable } from './node-executable';
export { cacheFolder } from './places';
export { RuntimeProblem, type ProblemCode } from './problem';
export type { InstallProgress, InstallStep, OnProgress } from './progress';
export { tunedLaunch, trainingSettings, type MeasuredSettings, type TrainingSettings } from './settings';
