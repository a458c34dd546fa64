# Where the time of a compiled step goes: runs its SavedModel in Python's TensorFlow, which can trace every operation.
# Called by bench/compiled-step.bench.ts with BENCH_PROFILE=1. Prints one line of JSON: milliseconds a step by operation.
import collections
import json
import os
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")

import numpy as np
import tensorflow as tf
from tensorflow.core.protobuf import saved_model_pb2

v1 = tf.compat.v1
v1.disable_eager_execution()
STEPS = 10

folder = sys.argv[1]
with open(os.path.join(folder, "graph.json")) as file:
    names = json.load(file)
saved = saved_model_pb2.SavedModel()
with open(os.path.join(folder, "saved_model.pb"), "rb") as file:
    saved.ParseFromString(file.read())
graph_def = saved.meta_graphs[0].graph_def
random = np.random.default_rng(0)


def value(tensor):
    shape = tensor.shape.as_list()
    if tensor.dtype == tf.float32:
        return random.uniform(0.01, 0.05, shape).astype("float32")
    return np.zeros(shape, tensor.dtype.as_numpy_dtype)


with v1.Session() as session:
    tf.import_graph_def(graph_def, name="")
    graph = session.graph
    for node in graph_def.node:
        if node.op == "VarHandleOp":
            feed = graph.get_tensor_by_name(node.name + "/f:0")
            session.run(node.name + "/s:0", {feed: value(feed)})
    feeds = {name: value(graph.get_tensor_by_name(name)) for name in names["feedNames"].split(",")}
    fetches = names["fetchNames"].split(",")
    for _ in range(3):
        session.run(fetches, feeds)
    spent = collections.Counter()
    options = v1.RunOptions(trace_level=v1.RunOptions.FULL_TRACE)
    for _ in range(STEPS):
        metadata = v1.RunMetadata()
        session.run(fetches, feeds, options=options, run_metadata=metadata)
        for device in metadata.step_stats.dev_stats:
            for node in device.node_stats:
                # "name = Operation(inputs)"
                label = node.timeline_label.partition(" = ")[2].partition("(")[0] or node.node_name
                spent[label] += node.op_end_rel_micros - node.op_start_rel_micros
print(json.dumps({name: micros / STEPS / 1000 for name, micros in spent.most_common(12)} | {"total": sum(spent.values()) / STEPS / 1000}))
