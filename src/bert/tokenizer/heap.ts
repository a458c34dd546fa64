/** A binary heap: what comes before all others by the given order is on top. */

export class Heap<T> {
  private readonly items: T[] = [];

  constructor(private readonly before: (a: T, b: T) => boolean) {}

  push(item: T): void {
    const { items, before } = this;
    let k = items.push(item) - 1;
    while (k > 0) {
      const up = (k - 1) >> 1;
      if (!before(item, items[up]!)) break;
      items[k] = items[up]!;
      k = up;
    }
    items[k] = item;
  }

  pop(): T | undefined {
    const { items, before } = this;
    const top = items[0];
    const last = items.pop();
    if (top === undefined || last === undefined || items.length === 0) return top;
    let k = 0;
    for (;;) {
      let down = 2 * k + 1;
      if (down >= items.length) break;
      if (down + 1 < items.length && before(items[down + 1]!, items[down]!)) down++;
      if (!before(items[down]!, last)) break;
      items[k] = items[down]!;
      k = down;
    }
    items[k] = last;
    return top;
  }
}
