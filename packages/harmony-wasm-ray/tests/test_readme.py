"""The examples of the README return the values in their comments; the measuring program runs."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from chat_rows import chat_rows

PACKAGE = Path(__file__).parents[1]
README = PACKAGE / "README.md"


def blocks() -> list[str]:
    """Return every block of Python."""
    text = README.read_text(encoding="utf8")
    return re.findall(r"^```python\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


def checked(code: str, folder: Path) -> str:
    """Replace each `expression  # => value` by a call of `check`, and put files into a folder.

    Clusters that already run have their own working directory.
    """
    code = re.sub(r'"(conversations\.jsonl|rendered[\w-]*)"', rf'"{folder}/\1"', code)
    return re.sub(r"^(\S.*?)  # => (.+)$", r"check(\1, \2)", code, flags=re.MULTILINE)


def write_conversations(folder: Path) -> Path:
    """Write the file that the examples read. Its last line is not JSON."""
    file = folder / "conversations.jsonl"
    rows = [text for text, _ in chat_rows(20, 41)]
    file.write_text("\n".join([*rows, "{"]), encoding="utf8")
    return file


@pytest.mark.usefixtures("ray_cluster", "spark")
@pytest.mark.parametrize("code", blocks())
def test_example(code: str, tmp_path: Path) -> None:
    write_conversations(tmp_path)
    values: list[tuple[object, object]] = []
    namespace = {"check": lambda value, expected: values.append((value, expected))}
    exec(checked(code, tmp_path), namespace)  # noqa: S102
    assert len(values) == code.count("# => ")
    for value, expected in values:
        assert value == expected


def test_examples_are_found() -> None:
    assert len(blocks()) >= 5


def test_the_measuring_program_runs(tmp_path: Path) -> None:
    file = write_conversations(tmp_path)
    program = [sys.executable, "-m", "harmony_wasm_ray.measure", str(file)]
    arguments = ["--shape", "chat", "--megabytes", "0.2"]
    output = subprocess.run([*program, *arguments], capture_output=True, check=True, text=True)
    (line,) = re.findall(r"^\| one client.*$", output.stdout, re.MULTILINE)
    assert all(float(cell.replace(",", "")) >= 0 for cell in line.split("|")[2:-1])
