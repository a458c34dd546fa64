"""Writes reviews.parquet and entities.parquet with pyarrow, in the ways the Hugging Face hub stores data sets.

    python test/oracle/bert-data/record_parquet.py
"""
import pathlib
import pyarrow as pa
import pyarrow.parquet as pq

HERE = pathlib.Path(__file__).parent
reviews = pa.table({
    "text": pa.array(["good", "bad film", "naïve 😀", "fine", "awful"] * 20),
    "label": pa.array([1, 0, 1, 1, 0] * 20, pa.int64()),
    "score": pa.array([0.5, -1.25, 3.0, 2.5, -2.0] * 20, pa.float32()),
})
pq.write_table(reviews, HERE / "reviews.parquet", compression="zstd", row_group_size=30)
entities = pa.table({
    "tokens": pa.array([["Ada", "Lovelace", "wrote"], ["London"]], pa.list_(pa.string())),
    "ner_tags": pa.array([["B-PER", "I-PER", "O"], ["B-LOC"]], pa.list_(pa.string())),
    "answers": pa.array([{"text": ["Ada"], "answer_start": [0]}, {"text": [], "answer_start": []}],
                        pa.struct([("text", pa.list_(pa.string())), ("answer_start", pa.list_(pa.int32()))])),
})
pq.write_table(entities, HERE / "entities.parquet", compression="snappy")
