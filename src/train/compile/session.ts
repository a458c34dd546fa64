// The native session: one SavedModel on disk for a moment, then loaded; its variables, its runs, its end.
//
// All graphs live in one SavedModel because only graphs of one session share variables. Adding a graph therefore loads a
// new session; the values move over without being copied.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type * as tfjs from '@tensorflow/tfjs';
import type { NodeBackend, TensorMetadata } from './binding';
import { DT } from './binding';
import type { EmittedGraph } from './emit';
import type { CompilerOptions } from './index';
import { GraphBuilder, savedModel } from './graph';
import { dtypeNumber } from './record';

/** The nodes through which a variable is reached from outside. */
interface VariableNodes {
  handle: string;
  /**
   * Feeding this stores the tensor itself. While anybody else holds it too, TensorFlow's updates copy it first
   * (`PrepareToUpdateVariable`); once the session is the last to hold it they happen in place.
   */
  feed: string;
  stored: string;
  read: string;
}

/**
 * Ready when every variable is stored. One fetch instead of one for each: TensorFlow optimises what leads to a set of
 * fetches before it runs it for the first time, which took a quarter of a ResNet's compile time.
 */
const ALL_STORED = 'stored:0';

export class Session {
  private id: number | undefined;
  private readonly nodes = new Map<tfjs.Variable, VariableNodes>();
  private encodedVariables = new Uint8Array();
  /** Variables of the session that is loaded. */
  private loaded = new Set<tfjs.Variable>();

  /** @param onLoad is shown every SavedModel that is loaded */
  constructor(
    private readonly backend: NodeBackend,
    private readonly onLoad?: CompilerOptions['onLoad'],
  ) {}

  get isOpen(): boolean {
    return this.id !== undefined;
  }

  holds(variable: tfjs.Variable): boolean {
    return this.loaded.has(variable);
  }

  /** The resource handle of a variable, for graphs to be loaded. */
  handleOf(variable: tfjs.Variable): string {
    return this.nodesOf(variable).handle;
  }

  /**
   * Replaces the session by one that has exactly these graphs. Values of variables move over.
   * @throws Error with TensorFlow's message when it refuses the graph; the session from before then stays.
   */
  load(graphs: readonly EmittedGraph[]): void {
    const { binding } = this.backend;
    const variables = new Set<tfjs.Variable>();
    for (const graph of graphs) for (const variable of graph.variables) variables.add(variable);
    for (const variable of this.loaded) if (!variable.isDisposed) variables.add(variable);
    this.encodeVariables(variables);
    const folder = mkdtempSync(join(tmpdir(), 'modelwright-step-'));
    let next: number;
    try {
      const bytes = savedModel([this.encodedVariables, ...graphs.map(g => g.graph)]);
      this.onLoad?.(
        bytes,
        graphs.map(({ feedNames, fetchNames }) => ({ feedNames, fetchNames })),
      );
      writeFileSync(join(folder, 'saved_model.pb'), bytes);
      next = binding.loadSavedModel(folder, 'serve');
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
    const moving = [...this.loaded].filter(variable => variables.has(variable));
    const ids = this.id === undefined ? [] : this.fetch(moving);
    const previous = this.id;
    this.id = next;
    this.loaded = variables;
    this.store(moving.map((variable, i) => ({ variable, id: ids[i]! })));
    for (const id of ids) binding.deleteTensor(id);
    if (previous !== undefined) binding.deleteSavedModel(previous);
  }

  /** New tensor ids with the variables' values; they share memory with the session and belong to the caller. */
  fetch(variables: readonly tfjs.Variable[]): number[] {
    if (variables.length === 0) return [];
    return this.run([], '', variables.map(variable => this.nodesOf(variable).read).join()).map(({ id }) => id);
  }

  /** Sets variables to the values of tensors, whose ids stay the caller's. */
  store(values: readonly { variable: tfjs.Variable; id: number }[]): void {
    if (values.length === 0) return;
    const nodes = values.map(({ variable }) => this.nodesOf(variable));
    const fetches = values.length === this.loaded.size ? [ALL_STORED] : nodes.map(({ stored }) => stored);
    const done = this.run(
      values.map(({ id }) => id),
      nodes.map(({ feed }) => feed).join(),
      fetches.join(),
    );
    for (const { id } of done) this.backend.binding.deleteTensor(id);
  }

  /** @throws Error with TensorFlow's message, without the binding's preamble. */
  run(inputIds: number[], feeds: string, fetches: string): TensorMetadata[] {
    if (this.id === undefined) throw new Error('The compiled step was disposed.');
    try {
      return this.backend.binding.runSavedModel(this.id, inputIds, feeds, fetches);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      throw new Error(message.replace(/^Session fail to run with error: /, ''), { cause: error });
    }
  }

  close(): void {
    if (this.id !== undefined) this.backend.binding.deleteSavedModel(this.id);
    this.id = undefined;
    this.loaded.clear();
    this.nodes.clear();
  }

  private nodesOf(variable: tfjs.Variable): VariableNodes {
    let nodes = this.nodes.get(variable);
    if (!nodes) {
      const key = `v${this.nodes.size}`;
      nodes = { handle: key, feed: `${key}/f:0`, stored: `${key}/s:0`, read: `${key}/r:0` };
      this.nodes.set(variable, nodes);
    }
    return nodes;
  }

  private encodeVariables(variables: ReadonlySet<tfjs.Variable>): void {
    const builder = new GraphBuilder('');
    const token = builder.integers([0], []);
    const assignments: string[] = [];
    for (const variable of variables) {
      const { handle } = this.nodesOf(variable);
      const dtype = { type: dtypeNumber(variable) };
      const shape = { shape: variable.shape };
      builder.named(handle, 'VarHandleOp', [], {
        dtype,
        shape,
        shared_name: { string: handle },
        container: { string: '' },
      });
      builder.named(`${handle}/f`, 'Placeholder', [], { dtype, shape });
      builder.named(`${handle}/a`, 'AssignVariableOp', [handle, `${handle}/f`], {
        dtype,
        validate_shape: { bool: false },
      });
      assignments.push(`${handle}/a`);
      builder.named(`${handle}/s`, 'Identity', [token], { T: { type: DT.INT32 } }, [`${handle}/a`]);
      builder.named(`${handle}/r`, 'ReadVariableOp', [handle], { dtype });
    }
    builder.named('stored', 'Identity', [token], { T: { type: DT.INT32 } }, assignments);
    this.encodedVariables = new Uint8Array(builder.encode());
  }
}
