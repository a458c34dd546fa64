// A loop over the first axis in a graph, so that a recurrent layer has as many nodes at 512 steps as at two.
//
// Written with the control-flow operations that TensorFlow lowers every `while` to (Enter, Merge, Switch,
// NextIteration, Exit)
// and tensor arrays for what is read and written step by step. See "Implementation of Control Flow in TensorFlow"
// (2017).

import type { AttrValue } from './binding';
import { DT } from './binding';
import type { GraphBuilder, GraphNode } from './graph';
import { output } from './graph';

export interface Loop {
  steps: number;
  /** Runs from the last step to the first. */
  backwards?: boolean;
  /** References the body uses unchanged. */
  invariants: string[];
  /** References to the values carried from step to step. */
  state: string[];
  /** References to tensors whose first axis is the step; the body sees one slice. */
  reads: string[];
  /** Shapes of what the body gives for each step; stacked along a new first axis. */
  writes: number[][];
  body: (
    graph: LoopBody,
    invariants: string[],
    state: string[],
    reads: string[],
  ) => { state: string[]; writes: string[] };
}

const FLOAT = { type: DT.FLOAT } as const;

/** Float32 operations for use in a loop's body. Constants enter the loop's frame by themselves. */
export class LoopBody {
  private readonly constants = new Map<string, string>();

  constructor(
    private readonly graph: GraphBuilder,
    private readonly enter: (ref: string, dtype: number) => string,
  ) {}

  op(name: string, inputs: string[], attrs: Record<string, AttrValue> = {}): string {
    return output(this.graph.add(name, inputs, { T: FLOAT, ...attrs }));
  }

  float(value: number): string {
    return this.constant(`${value}`, () => this.enter(this.graph.floats([value], []), DT.FLOAT));
  }

  /** Equal parts along the last axis of a matrix. */
  split(matrix: string, parts: number): string[] {
    const axis = this.constant('axis', () => this.enter(this.graph.integers([1], []), DT.INT32));
    const node = this.graph.add('Split', [axis, matrix], { T: FLOAT, num_split: { int: parts } });
    return Array.from({ length: parts }, (_, i) => output(node, i));
  }

  /** Joins matrices along the last axis. */
  concat(matrices: string[]): string {
    const axis = this.constant('axis', () => this.enter(this.graph.integers([1], []), DT.INT32));
    return output(
      this.graph.add('ConcatV2', [...matrices, axis], {
        T: FLOAT,
        N: { int: matrices.length },
        Tidx: { type: DT.INT32 },
      }),
    );
  }

  private constant(key: string, make: () => string): string {
    let ref = this.constants.get(key);
    if (ref === undefined) {
      ref = make();
      this.constants.set(key, ref);
    }
    return ref;
  }
}

/** Adds the loop; all tensors are float32. */
export function addLoop(graph: GraphBuilder, loop: Loop): { state: string[]; writes: string[] } {
  const { steps } = loop;
  const frame = { string: `${graph.prefix}loop_${graph.nodes.length}` };
  const enter = (ref: string, dtype: number, constant: boolean): GraphNode =>
    graph.add('Enter', [ref], {
      T: { type: dtype },
      frame_name: frame,
      is_constant: { bool: constant },
      parallel_iterations: { int: 8 },
    });
  const invariant = (ref: string, dtype: number = DT.FLOAT): string => output(enter(ref, dtype, true));

  const size = graph.integers([steps], []);
  const indices = graph.integers(Array.from({ length: steps }, (_, i) => i));
  const array = (shape?: number[]): GraphNode =>
    graph.add('TensorArrayV3', [size], {
      dtype: FLOAT,
      dynamic_size: { bool: false },
      clear_after_read: { bool: true },
      identical_element_shapes: { bool: true },
      tensor_array_name: { string: '' },
      ...(shape ? { element_shape: { shape } } : {}),
    });
  const inputs = loop.reads.map(ref => {
    const node = array();
    const filled = graph.add('TensorArrayScatterV3', [output(node), indices, ref, output(node, 1)], { T: FLOAT });
    return { handle: invariant(output(node), DT.RESOURCE), flow: invariant(output(filled)) };
  });
  const results = loop.writes.map(shape => ({ node: array(shape), shape }));

  // Loop variables: the counter, the carried state, and the flow of every array that is written.
  const zero = graph.integers([0], []);
  const carried = [
    { ref: zero, dtype: DT.INT32 as number },
    ...loop.state.map(ref => ({ ref, dtype: DT.FLOAT })),
    ...results.map(({ node }) => ({ ref: output(node, 1), dtype: DT.FLOAT })),
  ];
  const merges = carried.map(({ ref, dtype }) => {
    const first = output(enter(ref, dtype, false));
    return graph.add('Merge', [first, first], { T: { type: dtype }, N: { int: 2 } });
  });
  const more = graph.add('Less', [output(merges[0]!), invariant(size, DT.INT32)], { T: { type: DT.INT32 } });
  const condition = output(graph.add('LoopCond', [output(more)]));
  const switches = merges.map((merge, i) =>
    graph.add('Switch', [output(merge), condition], { T: { type: carried[i]!.dtype } }),
  );
  const [counter, ...values] = switches.map((node, i) =>
    output(graph.add('Identity', [output(node, 1)], { T: { type: carried[i]!.dtype } })),
  );
  const state = values.slice(0, loop.state.length);
  const flows = values.slice(loop.state.length);

  const integer = { T: { type: DT.INT32 } };
  const next = output(graph.add('AddV2', [counter!, invariant(graph.integers([1], []), DT.INT32)], integer));
  const index = loop.backwards
    ? output(graph.add('Sub', [invariant(graph.integers([steps - 1], []), DT.INT32), counter!], integer))
    : counter!;
  const slices = inputs.map(({ handle, flow }) =>
    output(graph.add('TensorArrayReadV3', [handle, index, flow], { dtype: FLOAT })),
  );
  const body = new LoopBody(graph, invariant);
  const made = loop.body(
    body,
    loop.invariants.map(ref => invariant(ref)),
    state,
    slices,
  );
  const written = made.writes.map((ref, i) =>
    output(
      graph.add('TensorArrayWriteV3', [invariant(output(results[i]!.node), DT.RESOURCE), index, ref, flows[i]!], {
        T: FLOAT,
      }),
    ),
  );

  [next, ...made.state, ...written].forEach((ref, i) => {
    merges[i]!.inputs[1] = output(graph.add('NextIteration', [ref], { T: { type: carried[i]!.dtype } }));
  });
  const exits = switches.map((node, i) =>
    output(graph.add('Exit', [output(node)], { T: { type: carried[i]!.dtype } })),
  );
  return {
    state: exits.slice(1, 1 + loop.state.length),
    writes: results.map(({ node, shape }, i) =>
      output(
        graph.add('TensorArrayGatherV3', [output(node), indices, exits[1 + loop.state.length + i]!], {
          dtype: FLOAT,
          element_shape: { shape },
        }),
      ),
    ),
  };
}
