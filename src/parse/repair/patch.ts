/**
 * Changes to a text with a syntax error that make it readable, and the way back: which offset of the original an offset
 * of the patched text stands for. Masks keep the length, insertions have no width in the original.
 */

export interface Patch {
  readonly at: number;
  /** Stands instead of as many characters of the original. */
  readonly mask?: string;
  readonly insert?: string;
}

/** Patches in order of place; of two masks over the same place the first wins. */
export function inOrder(patches: readonly Patch[]): readonly Patch[] {
  const sorted = patches
    .map((patch, i) => ({ patch, i }))
    .sort((a, b) => a.patch.at - b.patch.at || a.i - b.i)
    .map(({ patch }) => patch);
  const kept: Patch[] = [];
  let maskedTo = 0;
  for (const patch of sorted) {
    if (patch.mask === undefined) kept.push(patch);
    else if (patch.at >= maskedTo) {
      kept.push(patch);
      maskedTo = patch.at + patch.mask.length;
    }
  }
  return kept;
}

/** Expects patches in order. An insertion inside a mask comes after it. */
export function patched(text: string, patches: readonly Patch[]): string {
  let out = '';
  let at = 0;
  for (const patch of patches) {
    if (patch.at > at) {
      out += text.slice(at, patch.at);
      at = patch.at;
    }
    if (patch.mask !== undefined) {
      out += patch.mask;
      at += patch.mask.length;
    }
    out += patch.insert ?? '';
  }
  return out + text.slice(at);
}

/** From offsets of the patched text to offsets of the original; inserted text lies where it was inserted. */
export function originalOffsets(patches: readonly Patch[]): (offset: number) => number {
  const starts: number[] = [];
  const inserted: number[] = [];
  const places: number[] = [];
  let before = 0;
  let maskedTo = 0;
  for (const { at, mask, insert } of patches) {
    if (mask !== undefined) maskedTo = at + mask.length;
    if (!insert) continue;
    const place = Math.max(at, maskedTo);
    starts.push(place + before);
    places.push(place);
    inserted.push(before);
    before += insert.length;
  }
  inserted.push(before);
  return offset => {
    let low = 0;
    for (let high = starts.length; low < high;) {
      const middle = (low + high) >> 1;
      if (starts[middle]! <= offset) low = middle + 1;
      else high = middle;
    }
    if (low === 0) return offset;
    return Math.max(places[low - 1]!, offset - inserted[low]!);
  };
}

/** Whether one of the patches lies in a range of the original, or at its ends. */
export function touches(patches: readonly Patch[]): (start: number, end: number) => boolean {
  return (start, end) => patches.some(({ at, mask = '' }) => at <= end && at + mask.length >= start);
}
