#!/usr/bin/env node
/**
 * Makes a data set of handwriting-like digits, 28×28 grey levels like MNIST, without downloading anything.
 *
 * node examples/data/make-digits.mjs [--output DIR] [--train 12000] [--test 2000] [--seed 1] [--gz] [--no-npz] [--sheet
 * FILE.png]
 *
 * writes train-images.idx, train-labels.idx, test-images.idx, test-labels.idx (MNIST's own format; --gz compresses
 * them) and mnist.npz,
 * the file that Modelwright reads where a program says `keras.datasets.mnist.load_data()`. (Keras itself compares a
 * hash and would
 * download the real MNIST.) The same seed gives the same files.
 *
 * A digit is drawn the way a hand draws it: a writer (with habits: styles, slant, pen, care) picks strokes from
 * digit-strokes.mjs,
 * misses their points a little, and the page is turned, sheared and warped (elastic distortion after Simard, Steinkraus
 * and Platt,
 * "Best Practices for Convolutional Neural Networks", 2003). Writers of the test set are not in the training set.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { crc32Of, npyOf, zipOf } from './array-files.mjs';
import { deflateSync, gzipSync } from 'node:zlib';
import { digitStyles } from './digit-strokes.mjs';

const side = 28;

/**
 * Seeded random numbers: sfc32 of Chris Doty-Humphrey's PractRand, with normal deviates by Marsaglia's polar method.
 */
class Random {
  constructor(seed) {
    this.state = [seed | 0, 0x9e3779b9, 0x243f6a88, 1];
    for (let i = 0; i < 16; i++) this.uniform();
  }

  uniform() {
    const s = this.state;
    const out = (s[0] + s[1] + s[3]) | 0;
    s[3] = (s[3] + 1) | 0;
    s[0] = s[1] ^ (s[1] >>> 9);
    s[1] = (s[2] + (s[2] << 3)) | 0;
    s[2] = (((s[2] << 21) | (s[2] >>> 11)) + out) | 0;
    return (out >>> 0) / 2 ** 32;
  }

  between(low, high) {
    return low + (high - low) * this.uniform();
  }

  normal(deviation = 1) {
    for (;;) {
      const u = 2 * this.uniform() - 1;
      const v = 2 * this.uniform() - 1;
      const s = u * u + v * v;
      if (s > 0 && s < 1) return deviation * u * Math.sqrt((-2 * Math.log(s)) / s);
    }
  }

  /** An index, chosen with the given weights. */
  weighted(weights) {
    let rest = this.uniform() * weights.reduce((sum, weight) => sum + weight, 0);
    return Math.max(0, weights.findIndex((weight) => (rest -= weight) < 0));
  }
}

/** A writer's habits. Most digits of one writer look alike; that is what makes a split by writer honest. */
function makeWriter(random) {
  return {
    style: digitStyles.map((styles) => random.weighted(styles.map((style) => style.weight))),
    slant: random.normal(0.17),
    turn: random.normal(0.06),
    aspect: Math.exp(random.normal(0.15)) * 0.72,
    pen: Math.min(3.6, Math.max(1.2, 2.15 + random.normal(0.5))),
    care: Math.exp(random.normal(0.3)) * 0.026,
    ink: random.between(0.82, 1),
  };
}

/** Smooth displacement of the page: random vectors on a coarse grid, interpolated with cubic B-splines. */
function makeWarp(random, strength) {
  const cells = 7;
  const field = Array.from({ length: 2 * cells * cells }, () => random.normal(strength));
  const weights = (t) => [(1 - t) ** 3, 3 * t ** 3 - 6 * t ** 2 + 4, -3 * t ** 3 + 3 * t ** 2 + 3 * t + 1, t ** 3].map(
    (w) => w / 6
  );
  return ([x, y]) => {
    const u = Math.min(3.999, Math.max(0, (x + 0.25) * (4 / 1.5)));
    const v = Math.min(3.999, Math.max(0, (y + 0.25) * (4 / 1.5)));
    const [i, j] = [Math.floor(u), Math.floor(v)];
    const [wu, wv] = [weights(u - i), weights(v - j)];
    let [dx, dy] = [0, 0];
    for (let b = 0; b < 4; b++) {
      for (let a = 0; a < 4; a++) {
        const at = 2 * ((j + b) * cells + i + a);
        dx += wu[a] * wv[b] * field[at];
        dy += wu[a] * wv[b] * field[at + 1];
      }
    }
    return [x + dx, y + dy];
  };
}

/** Points along a Catmull-Rom spline; a doubled point ends one curve and starts the next. */
function trace(points) {
  const curves = [[points[0]]];
  for (let i = 1; i < points.length; i++) {
    if (points[i][0] === points[i - 1][0] && points[i][1] === points[i - 1][1]) curves.push([points[i]]);
    else curves.at(-1).push(points[i]);
  }
  return curves.map((curve) => {
    const line = [];
    for (let i = 0; i + 1 < curve.length; i++) {
      const [p0, p1, p2, p3] = [
        curve[Math.max(0, i - 1)], curve[i], curve[i + 1], curve[Math.min(curve.length - 1, i + 2)]
      ];
      const steps = Math.max(2, Math.ceil(Math.hypot(p2[0] - p1[0], p2[1] - p1[1]) * 18));
      for (let s = i === 0 ? 0 : 1; s <= steps; s++) {
        const t = s / steps;
        line.push([0, 1].map((axis) => 0.5 * (2 * p1[axis] + (p2[axis] - p0[axis]) * t
          + (2 * p0[axis] - 5 * p1[axis] + 4 * p2[axis] - p3[axis]) * t * t
          + (3 * p1[axis] - p0[axis] - 3 * p2[axis] + p3[axis]) * t ** 3)));
      }
    }
    return line;
  });
}

/** The strokes of one digit as lines in pixels, each point with the width of the pen there. */
function write(digit, writer, random) {
  const styles = digitStyles[digit];
  const usual = random.uniform() < 0.8;
  const style = styles[usual ? writer.style[digit] : random.weighted(styles.map(({ weight }) => weight))];
  const warp = makeWarp(random, 0.082);
  const haste = writer.care * random.between(0.6, 1.5);
  const slant = writer.slant + random.normal(0.08);
  const turn = writer.turn + random.normal(0.09);
  const aspect = writer.aspect * Math.exp(random.normal(0.1));
  const height = 19.5 * Math.exp(random.normal(0.07));
  const [sin, cos] = [Math.sin(turn), Math.cos(turn)];
  const pen = Math.max(1.1, writer.pen + random.normal(0.25));
  const lines = style.strokes.flatMap((stroke) => {
    const drift = [random.normal(haste), random.normal(haste)];
    const missed = [];
    stroke.forEach((point, i) => {
      const corner = i > 0 && point[0] === stroke[i - 1][0] && point[1] === stroke[i - 1][1];
      missed.push(corner ? missed[i - 1] : [0, 1].map((axis) => point[axis] + drift[axis] + random.normal(haste)));
    });
    let pressure = random.normal(0.1);
    return trace(missed).map((line) => line.map((point) => {
      const [u, v] = warp(point);
      const [x, y] = [(u - 0.5) * aspect - slant * (v - 0.5), v - 0.5];
      pressure = 0.92 * pressure + random.normal(0.045);
      return [height * (cos * x - sin * y), height * (sin * x + cos * y), pen * Math.max(0.5, 1 + pressure)];
    }));
  });
  return toPage(lines, random);
}

/** Fits the lines into the page and centres them by their ink as MNIST does, not quite exactly. */
function toPage(lines, random) {
  const points = lines.flat();
  const spread = Math.max(
    ...[0, 1].map((axis) => Math.max(...points.map((p) => p[axis])) - Math.min(...points.map((p) => p[axis])))
  );
  const scale = Math.min(1, 22 / spread);
  const middle = [0, 1].map((axis) => points.reduce((sum, p) => sum + p[axis], 0) / points.length);
  const shift = [random.normal(1), random.normal(1)];
  const place = (p, axis) => (p[axis] - middle[axis]) * scale + side / 2 + shift[axis];
  return lines.map((line) => line.map((p) => [place(p, 0), place(p, 1), p[2]]));
}

/** Ink of the lines on the page, anti-aliased by the distance of a pixel's centre to the nearest segment. */
function draw(lines, page) {
  for (const line of lines) {
    for (let i = 0; i + 1 < line.length; i++) {
      const [ax, ay, aw] = line[i];
      const [bx, by, bw] = line[i + 1];
      const reach = Math.max(aw, bw) / 2 + 1;
      const [left, right] = [
        Math.max(0, Math.floor(Math.min(ax, bx) - reach)), Math.min(side - 1, Math.ceil(Math.max(ax, bx) + reach))
      ];
      const [top, bottom] = [
        Math.max(0, Math.floor(Math.min(ay, by) - reach)), Math.min(side - 1, Math.ceil(Math.max(ay, by) + reach))
      ];
      const [dx, dy] = [bx - ax, by - ay];
      const squared = dx * dx + dy * dy || 1e-9;
      for (let y = top; y <= bottom; y++) {
        for (let x = left; x <= right; x++) {
          const [px, py] = [x + 0.5 - ax, y + 0.5 - ay];
          const t = Math.min(1, Math.max(0, (px * dx + py * dy) / squared));
          const distance = Math.hypot(px - t * dx, py - t * dy);
          const ink = Math.min(1, Math.max(0, (aw + t * (bw - aw)) / 2 - distance + 0.5));
          if (ink > page[y * side + x]) page[y * side + x] = ink;
        }
      }
    }
  }
}

/** A scanner's softness and grain: a 3×3 blur of varying strength, uneven ink, and now and then a speck. */
function scan(page, ink, random, image) {
  const soft = random.between(0.03, 0.14);
  const at = (x, y) => (x < 0 || y < 0 || x >= side || y >= side ? 0 : page[y * side + x]);
  const specks = random.uniform() < 0.25 ? 1 + Math.floor(random.uniform() * 4) : 0;
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      const around = at(x - 1, y) + at(x + 1, y) + at(x, y - 1) + at(x, y + 1);
      const value = ((1 - 4 * soft) * at(x, y) + soft * around) * ink;
      const grain = value > 0.02 ? random.normal(0.06) : 0;
      image[y * side + x] = Math.round(255 * Math.min(1, Math.max(0, value + grain)));
    }
  }
  for (let i = 0; i < specks; i++) {
    const where = Math.floor(random.uniform() * side * side);
    image[where] = Math.max(image[where], Math.floor(random.between(30, 160)));
  }
}

/**
 * @param {{ count: number, seed: number, writers: number }} options
 * @returns {{ images: Uint8Array, labels: Uint8Array }} images of shape (count, 28, 28), labels of shape (count,), in
 * random order
 */
export function makeDigits({ count, seed, writers }) {
  const random = new Random(seed);
  const hands = Array.from({ length: writers }, () => makeWriter(random));
  const images = new Uint8Array(count * side * side);
  const labels = new Uint8Array(count);
  const page = new Float32Array(side * side);
  for (let i = 0; i < count; i++) {
    labels[i] = Math.floor(random.uniform() * 10);
    const writer = hands[Math.floor(random.uniform() * writers)];
    page.fill(0);
    draw(write(labels[i], writer, random), page);
    scan(page, writer.ink, random, images.subarray(i * side * side, (i + 1) * side * side));
  }
  return { images, labels };
}

/** IDX: magic (type 8 is unsigned byte), the lengths of the axes as big-endian uint32, the values. */
function idxOf(data, shape) {
  const header = Buffer.alloc(4 + 4 * shape.length);
  header[2] = 8;
  header[3] = shape.length;
  shape.forEach((length, axis) => header.writeUInt32BE(length, 4 + 4 * axis));
  return Buffer.concat([header, data]);
}

/** A PNG of the first `rows` × `columns` images, dark on light, to look at. */
function sheetOf(images, rows, columns) {
  const width = columns * side;
  const lines = Buffer.alloc(rows * side * (width + 1));
  for (let y = 0; y < rows * side; y++) {
    for (let x = 0; x < width; x++) {
      const image = Math.floor(y / side) * columns + Math.floor(x / side);
      lines[y * (width + 1) + 1 + x] = 255 - images[image * side * side + (y % side) * side + (x % side)];
    }
  }
  const chunk = (type, body) => {
    const bytes = Buffer.alloc(12 + body.length);
    bytes.writeUInt32BE(body.length, 0);
    bytes.write(type, 4, 'latin1');
    body.copy(bytes, 8);
    bytes.writeUInt32BE(crc32Of(bytes.subarray(4, 8 + body.length)), 8 + body.length);
    return bytes;
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(rows * side, 4);
  header[8] = 8;
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), chunk('IHDR', header), chunk('IDAT', deflateSync(lines)),
    chunk('IEND', Buffer.alloc(0))
  ]);
}

function parseArguments(list) {
  const options = {
    output: dirname(fileURLToPath(import.meta.url)), train: 12000, test: 2000, seed: 1, gz: false, npz: true,
    sheet: null,
  };
  for (let i = 0; i < list.length; i++) {
    const name = list[i];
    if (name === '--gz') options.gz = true;
    else if (name === '--no-npz') options.npz = false;
    else if (['--output', '--sheet', '--train', '--test', '--seed'].includes(name) && list[i + 1] !== undefined) {
      const text = list[++i];
      const number = ['--train', '--test', '--seed'].includes(name);
      if (number && !/^\d+$/.test(text)) throw new Error(`${name} needs a whole number, got "${text}".`);
      options[name.slice(2)] = number ? Number(text) : text;
    } else {
      const known = '--output DIR --train N --test N --seed N --gz --no-npz --sheet FILE.png';
      throw new Error(`Unknown or incomplete option "${name}". Known: ${known}`);
    }
  }
  if (options.train < 1 || options.test < 1) throw new Error('--train and --test must be at least 1.');
  return options;
}

function main() {
  const { output, train, test, seed, gz, npz, sheet } = parseArguments(process.argv.slice(2));
  const parts = {
    train: makeDigits({ count: train, seed: 2 * seed, writers: Math.max(1, Math.round(train / 40)) }),
    test: makeDigits({ count: test, seed: 2 * seed + 1, writers: Math.max(1, Math.round(test / 40)) }),
  };
  mkdirSync(output, { recursive: true });
  const arrays = {};
  for (const [name, { images, labels }] of Object.entries(parts)) {
    const files = { images: idxOf(images, [labels.length, side, side]), labels: idxOf(labels, [labels.length]) };
    for (const [kind, bytes] of Object.entries(files)) {
      writeFileSync(join(output, `${name}-${kind}.idx${gz ? '.gz' : ''}`), gz ? gzipSync(bytes) : bytes);
    }
    arrays[`x_${name}.npy`] = npyOf(images, [labels.length, side, side]);
    arrays[`y_${name}.npy`] = npyOf(labels, [labels.length]);
  }
  if (npz) writeFileSync(join(output, 'mnist.npz'), zipOf(arrays));
  if (sheet) writeFileSync(sheet, sheetOf(parts.train.images, Math.min(20, Math.floor(train / 25)), 25));
  console.log(`${train} training and ${test} test digits in ${output}`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    main();
  } catch (error) {
    console.error(error.message);
    process.exitCode = 2;
  }
}
