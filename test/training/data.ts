/** Small data sets on the disk for tests: images with a pattern per class under noise, in the IDX format. */
import fs from 'node:fs';
import path from 'node:path';
import { randomBits, uniform } from '../../src/data/random';

function idx(shape: readonly number[], bytes: Uint8Array): Uint8Array {
  const header = new Uint8Array(4 + 4 * shape.length);
  const view = new DataView(header.buffer);
  view.setUint32(0, 0x0800 | shape.length);
  shape.forEach((length, i) => view.setUint32(4 + 4 * i, length));
  return Uint8Array.from([...header, ...bytes]);
}

/** `images.idx` of shape (n, side, side) and `labels.idx`. Each class is a bar at its own angle through the middle. */
export function writeImages(folder: string, n: number, { classes = 4, side = 12, seed = 1 } = {}): void {
  const random = uniform(randomBits(seed));
  const pixels = new Uint8Array(n * side * side);
  const labels = new Uint8Array(n);
  for (let i = 0; i < n; i++) {
    const label = i % classes;
    labels[i] = label;
    const angle = (Math.PI * label) / classes + (random() - 0.5) * 0.3;
    const [cx, cy] = [side / 2 + (random() - 0.5) * 3, side / 2 + (random() - 0.5) * 3];
    for (let y = 0; y < side; y++) {
      for (let x = 0; x < side; x++) {
        const distance = Math.abs((x - cx) * Math.sin(angle) - (y - cy) * Math.cos(angle));
        const ink = Math.max(0, 1 - distance / 1.5) * 200;
        pixels[(i * side + y) * side + x] = Math.min(255, ink + random() * 55);
      }
    }
  }
  fs.mkdirSync(folder, { recursive: true });
  fs.writeFileSync(path.join(folder, 'images.idx'), idx([n, side, side], pixels));
  fs.writeFileSync(path.join(folder, 'labels.idx'), idx([n], labels));
}

export const imageData = { reader: 'idx', x: 'images.idx', y: 'labels.idx', scale: 1 / 255, validation: 0.2 };
