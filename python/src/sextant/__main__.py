"""Runs a Python program whose `:memory:` and `path=` clients of qdrant_client run on the engine inside the process.

python -m sextant program.py [arguments]
python -m sextant -m module [arguments]
"""

import os
import runpy
import sys

from sextant.local_mode import replace_local_mode


def main() -> None:
    arguments = sys.argv[1:]
    is_module = arguments[:1] == ["-m"]
    if len(arguments) < 1 + is_module or arguments[0] in ("-h", "--help"):
        sys.exit(__doc__)
    replace_local_mode()
    name = arguments[is_module]
    sys.argv = arguments[is_module:]
    if is_module:
        sys.path[0] = os.getcwd()
        runpy.run_module(name, run_name="__main__", alter_sys=True)
    else:
        sys.path[0] = os.path.dirname(os.path.abspath(name))
        runpy.run_path(name, run_name="__main__")


if __name__ == "__main__":
    main()
