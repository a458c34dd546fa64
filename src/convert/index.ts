/** The public face of this room: a model as a program of the other framework. */
export { ConversionError, convertModel, type Converted } from './model';
