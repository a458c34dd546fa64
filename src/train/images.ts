/** PNG and JPEG for the image-folder reader, by TensorFlow's own decoder where there is one. */
import type { DecodeImage } from '../data/reader';
import type { Tf } from './compile';

/** undefined on the embedded TensorFlow.js, which has no decoder. */
export function decodeImage(tf: Tf): DecodeImage | undefined {
  const { node } = tf as unknown as {
    node?: { decodeImage(bytes: Uint8Array, channels: number, dtype: string, animations: boolean): never };
  };
  if (!node?.decodeImage) return undefined;
  return (bytes, channels) =>
    tf.tidy(() => {
      const image = node.decodeImage(bytes, channels, 'int32', false) as unknown as {
        shape: number[];
        dataSync(): Int32Array;
      };
      return { height: image.shape[0]!, width: image.shape[1]!, data: Uint8Array.from(image.dataSync()) };
    });
}
