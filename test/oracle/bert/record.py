"""Records what PyTorch and transformers compute, for test/training/bert: small random checkpoints of every family and
task with their logits and hidden states, files in all layouts that weights come in, and training runs.

    python test/oracle/bert/record.py            # transformers 5.18, torch 2.13

Everything is drawn from fixed seeds; weights are drawn larger than a fresh model's, so that nothing is nearly linear.
"""

import json
import pathlib
import shutil

import torch
import transformers
from safetensors.torch import save_file

from training import record_training

HERE = pathlib.Path(__file__).parent
OUT = HERE / "recorded"

COMMON = dict(vocab_size=60, max_position_embeddings=26, pad_token_id=0)
SIZES = dict(hidden_size=16, num_hidden_layers=2, num_attention_heads=2, intermediate_size=24)
CONFIGS = {
    "bert": lambda: transformers.BertConfig(**COMMON, **SIZES),
    "distilbert": lambda: transformers.DistilBertConfig(**COMMON, dim=16, n_layers=2, n_heads=2, hidden_dim=24),
    "roberta": lambda: transformers.RobertaConfig(**{**COMMON, "pad_token_id": 1}, **SIZES, type_vocab_size=1, layer_norm_eps=1e-5),
    "electra": lambda: transformers.ElectraConfig(**COMMON, **SIZES, embedding_size=8),
    "albert": lambda: transformers.AlbertConfig(
        **COMMON, **{**SIZES, "num_hidden_layers": 4}, embedding_size=8, num_hidden_groups=2, hidden_act="gelu_new"
    ),
}
TASKS = {
    "sequence-classification": "SequenceClassification",
    "token-classification": "TokenClassification",
    "question-answering": "QuestionAnswering",
    "masked-lm": "MaskedLM",
}


def randomise(model, seed):
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            noise = torch.randn(parameter.shape, generator=generator)
            scale = 0.1 if parameter.dim() == 1 else 0.25
            is_norm = parameter.dim() == 1 and "orm" in name and name.endswith("weight")
            parameter.copy_(noise * scale + (1.0 if is_norm else 0.0))


def inputs_of(config, seed):
    generator = torch.Generator().manual_seed(seed)
    ids = torch.randint(5, config.vocab_size, (3, 9), generator=generator)
    types = torch.zeros_like(ids)
    mask = torch.ones_like(ids)
    for row, length in enumerate([9, 6, 4]):
        ids[row, length:] = config.pad_token_id
        mask[row, length:] = 0
        if getattr(config, "type_vocab_size", 0) > 1:
            types[row, 3:length] = 1
    return ids, types, mask


def model_of(family, task, labels=3, **changes):
    config = CONFIGS[family]()
    config.num_labels = labels if task not in ("question-answering", "masked-lm") else 2
    for key, value in changes.items():
        setattr(config, key, value)
    kind = getattr(transformers, f"AutoModelFor{TASKS[task]}")
    model = kind.from_config(config, attn_implementation="eager")
    randomise(model, seed=len(family) + 10 * list(TASKS).index(task))
    model.tie_weights()
    return model.eval()


def call(model, ids, types, mask, **more):
    arguments = dict(input_ids=ids, attention_mask=mask, **more)
    if getattr(model.config, "type_vocab_size", 0) > 0:
        arguments["token_type_ids"] = types
    return model(**arguments)


def logits_of(output):
    if hasattr(output, "start_logits"):
        return torch.stack([output.start_logits, output.end_logits], dim=-1)
    return output.logits


def record_models():
    for family in CONFIGS:
        for task in TASKS:
            model = model_of(family, task)
            folder = OUT / "models" / f"{family}-{task}"
            model.save_pretrained(folder)
            (folder / "generation_config.json").unlink(missing_ok=True)
            ids, types, mask = inputs_of(model.config, seed=7)
            with torch.no_grad():
                output = call(model, ids, types, mask, output_hidden_states=True, output_attentions=True)
            expected = {"ids": ids.int(), "types": types.int(), "mask": mask.int(), "logits": logits_of(output)}
            if task == "sequence-classification":
                for i, hidden in enumerate(output.hidden_states):
                    expected[f"hidden_{i}"] = hidden
                for i, attention in enumerate(output.attentions):
                    expected[f"attention_{i}"] = attention
            save_file({name: tensor.contiguous() for name, tensor in expected.items()}, folder / "expected.safetensors")


def record_files():
    """One model in every layout that its weights come in; all hold the same numbers up to their format."""
    model = model_of("bert", "sequence-classification")
    state = {name: tensor.detach().clone() for name, tensor in model.state_dict().items()}
    folder = OUT / "files"
    folder.mkdir(parents=True)

    def layout(name, write):
        target = folder / name
        target.mkdir()
        shutil.copy(OUT / "models" / "bert-sequence-classification" / "config.json", target / "config.json")
        write(target)

    def old_names(name):
        return name.replace("LayerNorm.weight", "LayerNorm.gamma").replace("LayerNorm.bias", "LayerNorm.beta")

    def sharded(target):
        names = sorted(state)
        parts = {"model-00001-of-00002.safetensors": names[::2], "model-00002-of-00002.safetensors": names[1::2]}
        for file, part in parts.items():
            save_file({name: state[name] for name in part}, target / file)
        index = {"metadata": {}, "weight_map": {name: file for file, part in parts.items() for name in part}}
        (target / "model.safetensors.index.json").write_text(json.dumps(index))

    def legacy(target):
        torch.save(state, target / "pytorch_model.bin", _use_new_zipfile_serialization=False)

    def views(target):
        """Transposed weights, and several tensors that share one storage."""
        packed = torch.cat([tensor.reshape(-1) for tensor in state.values()])
        out, at = {}, 0
        for name, tensor in state.items():
            out[name] = packed[at : at + tensor.numel()].view(tensor.shape)
            at += tensor.numel()
        key = "bert.encoder.layer.0.intermediate.dense.weight"
        out[key] = state[key].t().contiguous().t()
        out["bert.embeddings.position_ids"] = torch.arange(26)[None]
        torch.save(out, target / "pytorch_model.bin")

    layout("f16", lambda target: save_file({n: t.half() for n, t in state.items()}, target / "model.safetensors"))
    layout("bf16", lambda target: save_file({n: t.bfloat16() for n, t in state.items()}, target / "model.safetensors"))
    layout("gamma-beta", lambda target: save_file({old_names(n): t for n, t in state.items()}, target / "model.safetensors"))
    layout("no-prefix", lambda target: save_file({n.removeprefix("bert."): t for n, t in state.items()}, target / "model.safetensors"))
    layout("sharded", sharded)
    layout("torch", lambda target: torch.save(state, target / "pytorch_model.bin"))
    layout("torch-half", lambda target: torch.save({n: t.half() for n, t in state.items()}, target / "pytorch_model.bin"))
    layout("torch-legacy", legacy)
    layout("torch-views", views)


def record_malicious():
    """A pickle that would run a command when it is loaded. The tests prove that it is refused and runs nothing."""

    class Command:
        def __reduce__(self):
            import os

            return os.system, ("touch PICKLE_WAS_RUN",)

    for name, old in (("malicious", False), ("malicious-legacy", True)):
        target = OUT / "files" / name
        target.mkdir()
        shutil.copy(OUT / "models" / "bert-sequence-classification" / "config.json", target / "config.json")
        torch.save({"weight": Command()}, target / "pytorch_model.bin", _use_new_zipfile_serialization=not old)


if __name__ == "__main__":
    transformers.logging.set_verbosity_error()
    torch.use_deterministic_algorithms(True)
    shutil.rmtree(OUT, ignore_errors=True)
    record_models()
    record_files()
    record_malicious()
    record_training(OUT / "training", model_of, call, logits_of)
