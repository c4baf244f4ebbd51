"""Local clusters, started once per run, and the vocabulary that the oracle reads.

Workers are separate processes, so their environment variables are set before
any of them starts.
"""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import ray
from pyspark.sql import SparkSession

TESTS = Path(__file__).parent
ROOT = TESTS.parents[2]
LOCALHOST = "127.0.0.1"
OBJECT_STORE_BYTES = 200_000_000

os.environ.setdefault("TIKTOKEN_ENCODINGS_BASE", str(ROOT / "crates/harmony-core/generated"))
os.environ["PYTHONPATH"] = os.pathsep.join([str(TESTS), os.environ.get("PYTHONPATH", "")])
os.environ["PYSPARK_PYTHON"] = os.environ["PYSPARK_DRIVER_PYTHON"] = sys.executable
os.environ["SPARK_LOCAL_IP"] = LOCALHOST
os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
os.environ.pop("RAY_ADDRESS", None)
os.environ.pop("SPARK_HOME", None)


@pytest.fixture(scope="session")
def ray_cluster() -> Iterator[None]:
    """Start Ray with room for two actors of half a core and a task; keep the order of rows."""
    ray.init(
        num_cpus=2,
        object_store_memory=OBJECT_STORE_BYTES,
        include_dashboard=False,
        _node_ip_address=LOCALHOST,
        log_to_driver=False,
    )
    context = ray.data.DataContext.get_current()
    context.execution_options.preserve_order = True
    context.enable_progress_bars = False
    context.wait_for_min_actors_s = 600  # Otherwise one actor may render everything.
    yield
    ray.shutdown()


@pytest.fixture(scope="session")
def spark() -> Iterator[SparkSession]:
    """Start Spark with two workers, which tries a task four times."""
    session = (
        SparkSession.builder.master("local[2,4]")
        .config("spark.driver.host", LOCALHOST)
        .config("spark.driver.bindAddress", LOCALHOST)
        .config("spark.ui.enabled", "false")
        .config("spark.sql.execution.arrow.maxRecordsPerBatch", "40")
        .getOrCreate()
    )
    session.sparkContext.setLogLevel("OFF")
    yield session
    session.stop()
