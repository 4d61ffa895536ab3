"""The check scripts find what they are for: each is run over a small tree with a planted mistake."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from server import ROOT

sys.path.insert(0, str(ROOT / "scripts"))
from cpp_functions import find_functions  # noqa: E402

GOOD_HEADER = "#pragma once\n\n#include <string>\n\ninline std::string Name() {\n  return {};\n}\n"


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A tree in which every check passes."""
    write(tmp_path, "src/LAYERS", "# high to low\nwire\nstorage\npoints vectors\nbase\n")
    write(tmp_path, "src/base/name.h", GOOD_HEADER)
    write(tmp_path, "src/storage/store.cc", '#include "base/name.h"\n#include "rocksdb/db.h"\n')
    write(tmp_path, "scripts/size_exceptions.txt", "# none\n")
    write(tmp_path, "src/base/name.cc", "int Answer() {\n  return 42;\n}\n")
    return tmp_path


def write(tree: Path, name: str, text: str) -> None:
    path = tree / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def run(check: str, tree: Path, *arguments: str) -> tuple[int, str]:
    command = [sys.executable, ROOT / "scripts" / check, "--root", tree, *arguments]
    done = subprocess.run(command, capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize("check", ["check_layers", "check_sizes", "check_format"])
def test_a_clean_tree_passes(tree: Path, check: str) -> None:
    assert run(check, tree) == (0, "")


@pytest.mark.parametrize(
    ("name", "text", "complaint"),
    [
        ("src/base/up.h", '#include "storage/store.h"\n', "storage/ is not on a lower line"),
        ("src/points/peer.h", '#include "vectors/row.h"\n', "vectors/ is not on a lower line"),
        ("src/wire/server.cc", "#include <rocksdb/db.h>\n", "fence of storage/"),
        ("src/storage/http.cc", '#include "boost/asio/ip/tcp.hpp"\n', "fence of wire/"),
        ("src/base/fast.cc", "#  include <immintrin.h>\n", "fence of kernels/"),
        ("src/stray/a.cc", "int a;\n", "not in src/LAYERS"),
    ],
)
def test_layer_mistakes_are_found(tree: Path, name: str, text: str, complaint: str) -> None:
    write(tree, name, text)
    code, output = run("check_layers", tree)
    assert code == 1 and name in output and complaint in output


LONG_FUNCTION = "void Long() {\n" + "  Step();\n" * 61 + "}\n"


@pytest.mark.parametrize(
    ("name", "text", "complaint"),
    [
        ("src/base/long.cc", "int a;\n" * 601, "601 file-lines"),
        ("src/base/function.cc", LONG_FUNCTION, "src/base/function.cc:Long: 61 function-lines"),
        ("src/base/method.h", f"class A {{\n public:\n{LONG_FUNCTION}}};\n", "61 function-lines"),
        ("src/base/many.h", "void F(int a, int b, int c, std::map<int, int> d, int e, int f);\n", "6 parameters"),
        ("tests/long_test.py", "def f():\n" + "    x = 1\n" * 61, "61 function-lines"),
        ("tests/many.py", "def f(a, b, c, d, e, f):\n    pass\n", "6 parameters"),
    ],
)
def test_size_mistakes_are_found(tree: Path, name: str, text: str, complaint: str) -> None:
    write(tree, name, text)
    code, output = run("check_sizes", tree)
    assert code == 1 and complaint in output


def test_full_folders_are_found(tree: Path) -> None:
    for number in range(26):
        write(tree, f"src/points/f{number}.cc", "")
    code, output = run("check_sizes", tree)
    assert code == 1 and "src/points: 26 folder-files" in output


def test_exceptions_hold_and_only_shrink(tree: Path) -> None:
    write(tree, "src/base/function.cc", LONG_FUNCTION)
    entry = "function-lines src/base/function.cc:Long"
    for size, code in ((61, 0), (60, 1), (62, 1)):
        write(tree, "scripts/size_exceptions.txt", f"{entry} {size}\n")
        assert run("check_sizes", tree)[0] == code, size
    git = ["git", "-C", tree, "-c", "user.name=t", "-c", "user.email=t@example.org"]
    write(tree, "scripts/size_exceptions.txt", "# none\n")
    for command in (["init", "-q"], ["add", "."], ["commit", "-q", "-m", "start"]):
        subprocess.run([*git, *command], check=True)
    write(tree, "scripts/size_exceptions.txt", f"{entry} 61\n")
    code, output = run("check_sizes", tree)
    assert code == 1 and "may only shrink" in output


def test_unformatted_code_is_found(tree: Path) -> None:
    write(tree, "src/base/ugly.cc", "int  a ( ){return 1 ;}\n")
    code, output = run("check_format", tree)
    assert code == 1 and "src/base/ugly.cc" in output


def test_headers_that_need_others_are_found(tree: Path) -> None:
    build = tree / "build"
    command = {"command": f"c++ -std=c++20 -I{tree}/src -o x.o -c a.cc", "file": f"{tree}/src/base/a.cc", "directory": "."}
    write(build, "compile_commands.json", json.dumps([command]))
    assert run("check_headers", tree, "--build", str(build)) == (0, "")
    write(tree, "src/base/needy.h", "#pragma once\nstd::string Name();\n")
    write(tree, "src/base/bare.h", "int F();\n")
    code, output = run("check_headers", tree, "--build", str(build))
    assert code == 1
    assert "src/base/needy.h: does not compile alone" in output and "src/base/bare.h: no #pragma once" in output


def test_functions_are_told_from_what_looks_like_them() -> None:
    text = """
    namespace a {
    constexpr int kTable[] = {1, 2};
    struct Plain { int x = 0; std::vector<int> y{1, 2}; void (*call)(int, int); };
    Status Free(int a, const std::map<int, int>& b = {}) {
      auto inner = [](int x) { return x; };
      if (a) { Call(a); }
      return "} not the end {";
    }
    Class::Class(int a) : a_{a}, b_(b) {
      Body();
    }
    template <typename T, int N = 3>
    bool operator==(const T& a, const T& b) { return true; }
    TEST(Suite, IsASentence) {
      One();
      Two();
    }
    }  // namespace a
    """
    found = [(function.name, function.parameters, function.body_lines) for function in find_functions(text)]
    assert found == [
        ("Free", 2, 3),
        ("Class::Class", 1, 1),
        ("=", 2, 0),
        ("TEST(Suite , IsASentence)", 2, 2),
    ]
