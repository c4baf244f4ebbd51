"""The exact token ids and loss masks of harmony, on Ray Data and PySpark.

`HarmonyRenderer` is a callable class for `ray.data`'s `map_batches`, and
`render_batches` an iterator function for PySpark's `mapInArrow`. Both stand on
one client, `HarmonyClient`: a warm process of the command line `harmony` that
answers Arrow record batches with Arrow record batches. A row that cannot be
rendered comes back as data, in the column `error`.

Neither Ray nor Spark is imported before it is used.
"""

from harmony_wasm_ray.child import ChildLostError, HarmonyProcessError
from harmony_wasm_ray.client import HarmonyClient
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
