"""Ray Data on a local cluster: exact ids, in order, also when workers are killed."""

from pathlib import Path

import native
import pyarrow.parquet as pq
import pytest
import ray
from chat_rows import chat_rows
from rows_to_render import rows_to_render
from workers import KillingRenderer, RendererWithPid

from harmony_wasm_ray import HarmonyRenderer

pytestmark = pytest.mark.usefixtures("ray_cluster")

ROWS = rows_to_render(21)
HALF_A_CORE = 0.5  # Two actors and a task share the two cores of the cluster.
HARMONY = {"shape": "harmony", "carry": ["id"]}


def dataset() -> ray.data.Dataset:
    """Return the conversations in twelve blocks, numbered."""
    rows = [{"id": index, "conversation": text} for index, text in enumerate(ROWS.texts)]
    return ray.data.from_items(rows, override_num_blocks=12).materialize()


def rendered(
    renderer: type[HarmonyRenderer], options: dict[str, object], **arguments: object
) -> list[dict[str, object]]:
    """Render the data set with two actors."""
    return (
        dataset()
        .map_batches(
            renderer,
            fn_constructor_kwargs=options,
            batch_format="pyarrow",
            batch_size=20,
            compute=ray.data.ActorPoolStrategy(size=2),
            num_cpus=HALF_A_CORE,
            **arguments,
        )
        .take_all()
    )


def check(rows: list[dict[str, object]]) -> None:
    """Compare every row with upstream."""
    assert [row["id"] for row in rows] == list(range(len(ROWS.texts)))
    assert [row["input_ids"] for row in rows] == ROWS.ids
    assert [row["error"] and row["error"]["code"] for row in rows] == ROWS.codes


def test_ids_are_native_upstreams_in_order_from_several_actors() -> None:
    rows = rendered(RendererWithPid, HARMONY)
    check(rows)
    assert len({row["actor"] for row in rows}) == 2
    assert len({row["child"] for row in rows}) == 2, "one warm process an actor"


def test_chat_completions_are_native_upstreams_conversations_in_parquet(tmp_path: Path) -> None:
    pairs = chat_rows(200, 23)
    texts = [{"id": index, "conversation": text} for index, (text, _) in enumerate(pairs)]
    ray.data.from_items(texts, override_num_blocks=4).map_batches(
        HarmonyRenderer,
        fn_constructor_kwargs={"shape": "chat", "analysis": "upstream", "carry": ["id"]},
        batch_format="pyarrow",
        concurrency=2,
        num_cpus=HALF_A_CORE,
    ).write_parquet(str(tmp_path))
    ids = pq.read_table(tmp_path).sort_by("id").column("input_ids").to_pylist()
    assert ids == [native.training_ids(each) for _, each in pairs]


@pytest.mark.parametrize("victim", ["child", "actor"])
def test_a_killed_process_costs_no_row(victim: str, tmp_path: Path) -> None:
    options = {**HARMONY, "marker": str(tmp_path / "killed"), "victim": victim}
    rows = rendered(KillingRenderer, options)
    assert (tmp_path / "killed").exists(), "something was killed"
    check(rows)


def test_wrong_options_end_the_run_with_the_message_of_the_command_line() -> None:
    with pytest.raises(Exception, match="'square' is invalid"):
        rendered(HarmonyRenderer, {"shape": "square"})
