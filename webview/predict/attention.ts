/** Attention probabilities as they come from the child, and the colours they are drawn in. Nothing of the page in here. */
import type { Attention } from '../../src/protocol/prediction';

export class AttentionMaps {
  private readonly values: Uint16Array;

  constructor(readonly attention: Attention) {
    const text = atob(attention.values);
    this.values = new Uint16Array(text.length / 2);
    for (let i = 0; i < this.values.length; i++) {
      this.values[i] = text.charCodeAt(2 * i) | (text.charCodeAt(2 * i + 1) << 8);
    }
  }

  /** [from · to] of one head, 0 to 1; `head` -1 is the mean of all. */
  map(layer: number, head: number): Float32Array {
    const { heads, tokens } = this.attention;
    const size = tokens * tokens;
    const map = new Float32Array(size);
    const chosen = head >= 0 ? [head] : Array.from({ length: heads }, (_, i) => i);
    for (const one of chosen) {
      const start = (layer * heads + one) * size;
      for (let i = 0; i < size; i++) map[i]! += this.values[start + i]! / (65535 * chosen.length);
    }
    return map;
  }
}

export type Color = readonly [red: number, green: number, blue: number];

/** `#rrggbb`, `#rgb` or `rgb(…)`; grey for what is not understood. */
export function parseColor(text: string): Color {
  const hex = /^#([0-9a-f]{3}|[0-9a-f]{6})([0-9a-f]{2})?$/i.exec(text)?.[1];
  if (hex) {
    const wide = hex.length === 3 ? [...hex].map(digit => digit + digit).join('') : hex;
    return [0, 2, 4].map(i => parseInt(wide.slice(i, i + 2), 16)) as unknown as Color;
  }
  const numbers = /^rgba?\(\s*(\d+)[,\s]+(\d+)[,\s]+(\d+)/.exec(text);
  return numbers ? [Number(numbers[1]), Number(numbers[2]), Number(numbers[3])] : [128, 128, 128];
}

/**
 * From the page's background to its ink. Most probabilities are small: the square root keeps those of 1 in 100 visible.
 * @returns [tokens, tokens, RGBA]
 */
export function pixels(map: Float32Array, background: Color, ink: Color): Uint8ClampedArray<ArrayBuffer> {
  const image = new Uint8ClampedArray(4 * map.length);
  for (let i = 0; i < map.length; i++) {
    const share = Math.sqrt(Math.min(1, Math.max(0, map[i]!)));
    for (let channel = 0; channel < 3; channel++) {
      image[4 * i + channel] = background[channel]! + share * (ink[channel]! - background[channel]!);
    }
    image[4 * i + 3] = 255;
  }
  return image;
}
