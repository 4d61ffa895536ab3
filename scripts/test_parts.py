"""The parts of ./test: each runs one kind of check and says how many passed, failed and were skipped."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
import xml.etree.ElementTree as ElementTree
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from source_tree import ROOT, cpp_files

SCRIPTS = ROOT / "scripts"
UNIT_TEST_TIMEOUT_S = 1500
SANITIZER_OPTIONS = {
    "ASAN_OPTIONS": "detect_leaks=1:strict_string_checks=1",
    "UBSAN_OPTIONS": "print_stacktrace=1",
    # The storage library is not instrumented: its own locking is invisible to the sanitizer.
    "TSAN_OPTIONS": f"ignore_noninstrumented_modules=1 suppressions={SCRIPTS / 'tsan_suppressions.txt'}",
}
# A level of the kernels → the CPU flags it needs.
KERNEL_LEVELS = {
    "scalar": set(),
    "avx2": {"avx2", "fma"},
    "avx512": {"avx512f", "avx512bw", "avx512dq", "avx512vl"},
    "avx512vnni": {"avx512f", "avx512bw", "avx512dq", "avx512vl", "avx512_vnni"},
}
KERNEL_USERS = ("kernels_test", "vector_index_test")
# Long tests of what merges, plans and measurements decide, over kernels that others exercise at each level: run at the
# best level alone.
BEST_LEVEL_ONLY = (
    "MergeTest.*:*CalibrationOfEveryDistance*:*FiltersAgainstTheQueryCostNoRecall*:*AWrongGuessAtTheShareOfAFilter*"
)
# A program runs as so many processes, each with its share of the tests: one for all of the longest would end alone.
SHARDS = 4
# Where unit tests put their files if it has room: syncs cost nothing there. What a power cut leaves is judged by the
# simulated disk of the tests, never by the disk of this machine.
FAST_DIRECTORY = Path("/dev/shm")
FAST_DIRECTORY_BYTES = 2 << 30
FAILURE_LINES = 120
FUZZ_SECONDS = 60


@dataclass
class Counts:
    passed: int = 0
    failed: int = 0
    skipped: int = 0

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(self.passed + other.passed, self.failed + other.failed, self.skipped + other.skipped)

    def __str__(self) -> str:
        return f"{self.passed} passed, {self.failed} failed, {self.skipped} skipped"


def succeeded(command: list[str | Path]) -> Counts:
    """One command as one check."""
    ok = subprocess.run(command, cwd=ROOT).returncode == 0
    return Counts(passed=int(ok), failed=int(not ok))


def tree_hash() -> str:
    """A hash of every file that git tracks or would track."""
    command = ["git", "-C", ROOT, "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(command, capture_output=True, check=True).stdout.split(b"\0")
    digest = hashlib.sha256()
    for name in sorted(set(names) - {b""}):
        path = ROOT / os.fsdecode(name)
        if path.is_file():
            digest.update(name + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def run_code_checks() -> Counts:
    checks = ("check_layers", "check_sizes", "check_format")
    return sum((succeeded([sys.executable, SCRIPTS / check]) for check in checks), Counts())


def prepare_single_sources() -> Counts:
    """The dev preset configured, with all generated files: it knows how to compile each source alone."""
    return run_build("dev", "sextant_proto_files")


def run_header_check() -> Counts:
    prepared = prepare_single_sources()
    return prepared if prepared.failed else succeeded([sys.executable, SCRIPTS / "check_headers"])


def run_aarch64_check() -> Counts:
    return succeeded([SCRIPTS / "check_aarch64"])


def run_build(preset: str, *targets: str) -> Counts:
    return succeeded([SCRIPTS / "build", preset, *targets])


def unit_test_programs(preset: str) -> list[Path]:
    shown = subprocess.run(
        ["ctest", "--test-dir", ROOT / "build" / preset, "--show-only=json-v1"], capture_output=True, check=True
    )
    # A program that was never built has no absolute path yet.
    return [Path(test["command"][0]) for test in json.loads(shown.stdout)["tests"] if "command" in test]


def build_folder(source: Path) -> Path:
    """Where the program of a source is built, below src/: the nearest folder with build rules of its own."""
    return next(folder for folder in source.parents if (folder / "CMakeLists.txt").exists()).relative_to(ROOT / "src")


def unit_test_targets() -> list[str]:
    """The layers that have unit tests; sanitizer builds make these programs and nothing else."""
    tests = [path for path in cpp_files(ROOT, ("src",)) if path.name.endswith("_test.cc")]
    return sorted({"_".join(build_folder(path).parts) + "_test" for path in tests})


def temporary_directory() -> dict[str, str]:
    if FAST_DIRECTORY.is_dir() and os.access(FAST_DIRECTORY, os.W_OK):
        if shutil.disk_usage(FAST_DIRECTORY).free >= FAST_DIRECTORY_BYTES:
            return {"TMPDIR": str(FAST_DIRECTORY)}
    return {}


def read_gtest_counts(result: Path) -> Counts:
    counts = Counts()
    suites = json.loads(result.read_text())["testsuites"] if result.exists() else []
    for test in (test for suite in suites for test in suite["testsuite"]):
        skipped = test["result"] != "COMPLETED" or test["status"] != "RUN"
        failed = bool(test.get("failures"))
        counts += Counts(not failed and not skipped, failed, skipped and not failed)
    return counts


def run_gtest(program: Path, label: str, environment: dict[str, str]) -> Counts:
    """Runs one program; its output stays in a file beside it, and is shown when something failed."""
    result, log = program.with_name(f"{label}.json"), program.with_name(f"{label}.log")
    result.unlink(missing_ok=True)
    command = [program, f"--gtest_output=json:{result}"]
    variables = {**os.environ, **SANITIZER_OPTIONS, **temporary_directory(), **environment}
    start = time.monotonic()
    with log.open("wb") as output:
        process = subprocess.Popen(command, cwd=program.parent, env=variables, stdout=output, stderr=output)
        try:
            code = process.wait(UNIT_TEST_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            code = f"none after {UNIT_TEST_TIMEOUT_S} s"
    counts = read_gtest_counts(result)
    if code != 0:
        counts.failed += counts.failed == 0  # it crashed, or a sanitizer spoke after the tests
        lines = log.read_text(errors="replace").splitlines()
        print("\n".join(lines[-FAILURE_LINES:]), f"\n   (all of it in {log})")
    remark = f"{time.monotonic() - start:.0f} s" + ("" if code == 0 else f", exit code {code}")
    print(f"   {label}: {counts} ({remark})", flush=True)
    return counts


def submit_shards(pool: ThreadPoolExecutor, program: Path, label: str, environment: dict[str, str]) -> list[Future]:
    def submit(shard: int) -> Future:
        variables = {**environment, "GTEST_TOTAL_SHARDS": str(SHARDS), "GTEST_SHARD_INDEX": str(shard)}
        return pool.submit(run_gtest, program, f"{label}.{shard + 1}", variables)

    return [submit(shard) for shard in range(SHARDS)]


def run_unit_tests(preset: str) -> Counts:
    targets = unit_test_targets()
    built = run_build(preset, *targets)
    if built.failed:
        return built
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        programs = unit_test_programs(preset)
        assert {program.name for program in programs} >= set(targets), "the build does not know all unit tests"
        jobs = [job for program in programs for job in submit_shards(pool, program, program.name, {})]
        return sum((job.result() for job in jobs), Counts())


def run_release() -> Counts:
    built = run_build("release")
    return built if built.failed else built + run_unit_tests("release")


def fuzz_programs(preset: str) -> list[Path]:
    """The programs of all `<name>_fuzz.cc`; the seeds of one are the files of fuzz/corpus/<name>/."""
    sources = [path for path in cpp_files(ROOT, ("src",)) if path.name.endswith("_fuzz.cc")]
    build = ROOT / "build" / preset / "src"
    return [build / build_folder(path) / path.stem for path in sorted(sources)]


def fuzz_seeds(program: Path) -> Path:
    return ROOT / "fuzz" / "corpus" / program.name.removesuffix("_fuzz")


def run_quietly(command: list[str | Path], label: str) -> Counts:
    """One command as one check, whose output is shown only when it fails."""
    done = subprocess.run(
        command, env={**os.environ, **SANITIZER_OPTIONS}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    if done.returncode != 0:
        print("\n".join(done.stdout.decode(errors="replace").splitlines()[-FAILURE_LINES:]))
    print(f"   {label}: {'passed' if done.returncode == 0 else 'failed'}", flush=True)
    return Counts(done.returncode == 0, done.returncode != 0)


def replay_fuzz_corpora() -> Counts:
    programs = fuzz_programs("asan")
    total = run_build("asan", *(program.name for program in programs))
    for program in programs if not total.failed else []:
        seeds = sorted(fuzz_seeds(program).glob("*"))
        assert seeds, f"{program.name} has no seeds in {fuzz_seeds(program)}"
        total += run_quietly([program, *seeds], f"{program.name}, {len(seeds)} seeds")
    return total


def run_fuzzers() -> Counts:
    programs = fuzz_programs("fuzz")
    total = run_build("fuzz", *(program.name for program in programs))

    def fuzz(program: Path) -> Counts:
        found = program.with_name(f"{program.name}_corpus")  # what a run finds helps the next one
        found.mkdir(exist_ok=True)
        limits = [f"-max_total_time={FUZZ_SECONDS}", "-timeout=10", "-rss_limit_mb=2048", "-max_len=16384"]
        options = [*limits, f"-artifact_prefix={program}-"]
        return run_quietly([program, *options, found, fuzz_seeds(program)], program.name)

    if not total.failed:
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            total = sum(pool.map(fuzz, programs), total)
    return total


def cpu_flags() -> set[str]:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("flags"):
            return set(line.split(":")[1].split())
    return set()


def run_kernel_levels() -> Counts:
    flags, total = cpu_flags(), run_build("release", *KERNEL_USERS)
    if total.failed:
        return total
    programs = [program for program in unit_test_programs("release") if program.name in KERNEL_USERS]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        jobs, levels = [], []
        for level, needed in KERNEL_LEVELS.items():
            if not needed <= flags:
                print(f"   {level}: skipped, this CPU lacks {', '.join(sorted(needed - flags))}")
                total += Counts(skipped=len(programs))
                continue
            levels.append(level)
        for level in levels:
            environment = {"SEXTANT_KERNELS": level}
            if level != levels[-1]:
                environment["GTEST_FILTER"] = f"-{BEST_LEVEL_ONLY}"
            for program in programs:
                jobs += submit_shards(pool, program, f"{program.name}.{level}", environment)
        return sum((job.result() for job in jobs), total)


def run_pytest(marker: str) -> Counts:
    built = run_build("release", "sextant")
    if built.failed:
        return built
    result = ROOT / "build" / "pytest.xml"
    result.unlink(missing_ok=True)
    command = [sys.executable, "-m", "pytest", "tests", "-m", marker, f"--junit-xml={result}", "--durations=10"]
    if marker == "full":
        command.append("--seed=new")
    code = subprocess.run(command, cwd=ROOT).returncode
    if not result.exists():
        return Counts(failed=1)
    suite = ElementTree.parse(result).getroot().find("testsuite").attrib
    failed = int(suite["failures"]) + int(suite["errors"])
    skipped = int(suite["skipped"])
    counts = Counts(int(suite["tests"]) - failed - skipped, failed, skipped)
    counts.failed += code not in (0, 1) and failed == 0
    return counts


def run_clang_tidy() -> Counts:
    """Each source file of the product as one check, with the flags of the dev preset."""
    prepared = prepare_single_sources()
    if prepared.failed:
        return prepared
    others = ("_test.cc", "_testing.cc", "_fuzz.cc")
    sources = [path for path in cpp_files(ROOT, ("src",)) if path.suffix == ".cc" and not path.name.endswith(others)]

    def tidy(source: Path) -> Counts:
        command = ["clang-tidy-19", "-p", ROOT / "build" / "dev", "--quiet", "--warnings-as-errors=*", source]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode != 0:
            print(done.stdout or done.stderr, flush=True)
        return Counts(done.returncode == 0, done.returncode != 0)

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return sum(pool.map(tidy, sources), Counts())
