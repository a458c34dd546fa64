/**
 * The shape engine as one module of its own: the editor loads it (and the grammars) when a model file is first
 * analysed, not when the extension is activated. Built as `dist/engine.js`.
 */
export { convertModel } from '../convert';
export { Analyzer } from '../ide/analysis';
export { codeActions } from '../ide/code-actions';
export { codeLenses } from '../ide/code-lens';
export { completionsAt } from '../ide/completion';
export { finetuneLenses } from '../ide/finetune-lens';
export { hoverAt } from '../ide/hover';
export { inlayHints } from '../ide/inlay-hints';
export { memoryOf } from '../ide/summary';
export { firstTrainingCall } from '../ide/training-script';
