"""The files of `harmony render`, read by the libraries of their users, beside native openai-harmony.

`python files_test.py <harmony> <folder>`, where `harmony` starts the command line. Prints
`N passed, N failed`.
"""

import sys
import traceback

import format_tests
import reader_tests
from rendering import conversations, native, write_lines


def main():
    """Runs every test; the last line counts."""
    write_lines("in.jsonl", conversations())
    expected = [native(conversation) for conversation in conversations()]
    modules = [vars(format_tests), vars(reader_tests)]
    tests = [
        test for names in modules for name, test in names.items() if name.startswith("test_")
    ]
    failed = 0
    for test in tests:
        try:
            test(expected)
        except Exception:  # noqa: BLE001: every failure counts, and the rest is run
            failed += 1
            print(f"{test.__name__}: {traceback.format_exc()}")
    print(f"{len(tests) - failed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":  # A process pool imports this file again.
    main()
