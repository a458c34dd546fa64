/** The page's side of the door to the extension, and small helpers to build DOM without strings of HTML. */

interface VsCodeApi<View> {
  postMessage(message: unknown): void;
  getState(): View | undefined;
  setState(view: View): void;
}

declare function acquireVsCodeApi<View>(): VsCodeApi<View>;

/** May be called once in the life of a page. */
export function connect<View>(): VsCodeApi<View> {
  return acquireVsCodeApi<View>();
}

type Child = Node | string | null | undefined | false;

/** An element with properties set and children appended; text goes in as text, so nothing shown can be markup. */
export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  properties: Partial<Omit<HTMLElementTagNameMap[K], 'attributes'>> & {
    readonly attributes?: Readonly<Record<string, string>>;
  } = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[K] {
  const node = document.createElement(tag);
  const { attributes, ...rest } = properties;
  Object.assign(node, rest);
  for (const [name, value] of Object.entries(attributes ?? {})) node.setAttribute(name, value);
  for (const child of children) if (child !== null && child !== undefined && child !== false) node.append(child);
  return node;
}

/** Changes the DOM only where the text differs, so that a live page does not disturb a selection or a screen reader. */
export function setText(node: Node, text: string): void {
  if (node.textContent !== text) node.textContent = text;
}

export function cssColor(name: string, otherwise: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim() || otherwise;
}
