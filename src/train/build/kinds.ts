/** Every layer that can be trained, by Keras's class name. */
import { ATTENTION } from './attention';
import { CONVOLUTION } from './convolution';
import { CORE } from './core';
import type { LayerKind } from './layer';
import { MERGING } from './merging';
import { NORMALIZATION } from './normalization';
import { POOLING } from './pooling';
import { PREPROCESSING } from './preprocessing';
import { RECURRENT } from './recurrent';
import { REGULARIZATION } from './regularization';
import { RESHAPING } from './reshaping';

export const KINDS: Readonly<Record<string, LayerKind>> = {
  ...CORE,
  ...CONVOLUTION,
  ...POOLING,
  ...NORMALIZATION,
  ...RECURRENT,
  ...MERGING,
  ...ATTENTION,
  ...RESHAPING,
  ...REGULARIZATION,
  ...PREPROCESSING,
};

export const trainableLayers: readonly string[] = Object.keys(KINDS).sort();
