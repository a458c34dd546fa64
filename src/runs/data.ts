/**
 * Data as the shells see it before a run: what a picked file is, and whether it fits the model. Reading itself
 * happens in
 * the training child.
 */
export { DataError, describeData, matchModel, suggestConfig } from '../data/readers';
export type { DataConfig, DataDescription, Mismatch, ModelShapes } from '../data/readers';
