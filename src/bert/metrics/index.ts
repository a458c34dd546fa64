/** The face of the metrics. */
export { answerMetrics, bestAnswer, type AnswerMetrics } from './answers';
export { classificationMetrics, confusionMatrix, multiLabelMetrics } from './classification';
export { entitiesOf, entityMetrics, type Entity } from './entities';
export { regressionMetrics } from './regression';
export {
  argMax,
  bestMetricOf,
  evaluateClasses,
  evaluateEntities,
  evaluateLabelSets,
  evaluateNumbers,
  softmax,
  worstOf,
  type Evaluation,
  type Scored,
} from './task-metrics';
