"""The exact token ids and loss masks of gpt-oss's harmony format, on Ray Data and PySpark.

`HarmonyRenderer` is a callable class for `ray.data`'s `map_batches`;
`render_batches` returns a function for PySpark's `mapInArrow`. Both use
`HarmonyClient`: a warm process of the command line `harmony`, which answers
Arrow record batches with Arrow record batches. A row that cannot be rendered
comes back as data, in the column `error`.

Importing this package imports neither Ray nor Spark.
"""

from harmony_wasm_ray.client import HarmonyClient
from harmony_wasm_ray.errors import ChildLostError, HarmonyProcessError
from harmony_wasm_ray.ray_data import HarmonyRenderer
from harmony_wasm_ray.spark import render_batches, spark_schema

__all__ = [
    "ChildLostError",
    "HarmonyClient",
    "HarmonyProcessError",
    "HarmonyRenderer",
    "render_batches",
    "spark_schema",
]
