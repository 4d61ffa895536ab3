"""The example notebook runs from its first cell to its last, and draws."""

import base64
import os
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from server import ROOT

NOTEBOOK = ROOT / "python" / "examples" / "package_map.ipynb"
PNG = b"\x89PNG\r\n"
SMALLEST_PICTURE_BYTES = 20_000  # of a map with its points; empty axes take a few thousand


def test_example_notebook(package: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The picture is kept beside the results of the tests, to be looked at."""
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(package), *filter(None, [os.environ.get("PYTHONPATH")])]))
    monkeypatch.setenv("MPLBACKEND", "module://matplotlib_inline.backend_inline")
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path))
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    NotebookClient(notebook, timeout=300, resources={"metadata": {"path": NOTEBOOK.parent}}).execute()
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    texts = "".join(str(output.get("data", {}).get("text/plain", output.get("text", ""))) for output in outputs)
    assert "<sextant.Collection 'packages': 5,000 points, 384-d Cosine" in texts
    assert any("<table>" in output.get("data", {}).get("text/html", "") for output in outputs)
    pictures = [output["data"]["image/png"] for output in outputs if "image/png" in output.get("data", {})]
    assert len(pictures) == 1
    picture = base64.b64decode(pictures[0])
    (ROOT / "build" / "in_process" / "package_map.png").write_bytes(picture)
    assert picture.startswith(PNG) and len(picture) > SMALLEST_PICTURE_BYTES
