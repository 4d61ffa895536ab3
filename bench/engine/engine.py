#!/usr/bin/env python3
"""The whole engine beside the real Qdrant engine (qdrant-edge-py): search, build, filters, writes, cold start, memory.

Both inside their process, driven by the same lines of requests (request_bench, edge_bench), which are decoded beforehand in
both; rows beside these show our searches and upserts as whole REST requests, JSON both ways. One request at a time. All
vectors of both are indexed, in one segment, and the stores were opened again before searches are measured. The systems
take turns, measurement by measurement, so that a busy machine slows all; medians count, and recall@10 against exact
answers stands beside each rate.

Needs the large set, the environment of bench/requirements.txt, and the programs request_bench and memory_bench;
`bench/run` makes them.
"""

import argparse
import re
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parents[2]
sys.path += [str(ROOT / "bench"), str(ROOT / "tests")]

import memory_limits  # noqa: E402
from compare import at_recall, cpu_description  # noqa: E402
from engine_data import SELECTIVITIES, Data, Window  # noqa: E402
from engine_systems import EDGE, EDGE_DURABLE, QUANTIZED, SEXTANT, SEXTANT_DECODED, Stores, System, Way, line, search  # noqa: E402
from programs import Program  # noqa: E402

MEMORY_BENCH = ROOT / "build/release/bench/memory_bench"
EFS = (12, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384)
RECALLS = (0.95, 0.99)
WANTED_RECALL = 0.97
KINDS = ("random", "against")
ACORN = Way(params={"acorn": {"enable": True, "max_selectivity": 1.0}})
UPSERT_BATCH, BATCHES_A_TURN = 256, 20
EXACT_QUERIES = 5


@dataclass
class Table:
    """The measures of the whole, beside what was wanted."""

    rows: list[str] = field(default_factory=list)

    def add(self, measure: str, values: tuple[float, float], wanted: float, less_is_better: bool = False) -> None:
        ours, peer = values
        ratio = peer / ours if less_is_better else ours / peer
        reached = "yes" if ratio >= wanted else "no"
        self.rows.append(f"| {measure} | {ours:,.4g} | {peer:,.4g} | {ratio:.2f} | {wanted:g} | {reached} |")

    def print(self) -> None:
        print("\n| measure | Sextant | peer | ratio | wanted | reached |\n|---|---:|---:|---:|---:|---|")
        print("\n".join(self.rows))


@dataclass
class Run:
    args: argparse.Namespace
    folder: Path
    stores: Stores
    data: Data
    table: Table = field(default_factory=Table)


# --- queries a second at a recall, and builds


def search_part(run: Run) -> None:
    systems = [SEXTANT, EDGE, *(system for system in QUANTIZED if re.search(run.args.settings, system.name))]
    builds = {system.name: run.stores.build(system, "plain", run.data) for system in systems}
    queries = run.data.queries
    lines = {system.name: [search(f"{ef}{name}", query, way, params={"hnsw_ef": ef})
                           for ef in EFS for name, way in system.ways.items() for query in queries]
             for system in systems}  # fmt: skip
    rates: dict[tuple[str, int], list[float]] = {}
    with run.stores.opened(systems, "plain", lines) as programs:
        for ef in EFS:
            for _ in range(run.args.repeats):
                for system, program in zip(systems, programs, strict=True):
                    for way in system.ways:
                        rate = program.measure(f"{ef}{way}")["requests_per_second"]
                        rates.setdefault((system.name + way, ef), []).append(rate)
    everything = [None] * len(queries)
    exact, curves = run.data.exact_scores({"": everything})[""], {}
    for system, program in zip(systems, programs, strict=True):
        found = program.found(len(queries))
        for way in system.ways:
            recalls = [run.data.recall(found[f"{ef}{way}"], exact, everything) for ef in EFS]
            name = system.name + way
            curves[name] = [(recall, median(rates[name, ef])) for ef, recall in zip(EFS, recalls, strict=True)]
    print_searches(run, curves)
    print_builds(run, builds, curves)


def print_searches(run: Run, curves: dict) -> None:
    print("\n| system | queries/s at 0.95 | ratio | at 0.99 | ratio | best recall |\n|---|" + "---:|" * 5)
    reached = {name: [at_recall(points, recall) for recall in RECALLS] for name, points in curves.items()}
    ours = reached[SEXTANT.name]
    for name, points in curves.items():
        cells = [name]
        for mine, theirs in zip(ours, reached[name], strict=True):
            cells += [f"{theirs:,.0f}" if theirs else "not reached", f"{mine / theirs:.2f}" if mine and theirs else "-"]
        print("| " + " | ".join([*cells, f"{max(points)[0]:.4f}"]) + " |")
    print("\nrecall @ queries/s, by hnsw_ef " + ", ".join(map(str, EFS)))
    for name, points in curves.items():
        print(f"{name}: " + ", ".join(f"{recall:.4f} @ {rate:,.0f}" for recall, rate in points))
    for i, recall in enumerate(RECALLS):
        best = max(of[i] or 0 for name, of in reached.items() if name.startswith(EDGE.name))
        if ours[i] and best:
            run.table.add(f"queries/s at recall {recall}, peer's best setting", (ours[i], best), 3.5)


def print_builds(run: Run, builds: dict, curves: dict) -> None:
    print("\n| system | load, s | index, s | ratio | resident bytes a vector then |\n|---|---:|---:|---:|---:|")
    ours = builds[SEXTANT.name]["index"]
    for name, build in builds.items():
        memory = build["memory"] / len(run.data.vectors)
        print(f"| {name} | {build['load']:.1f} | {build['index']:.1f} | {build['index'] / ours:.2f} | {memory:,.0f} |")
    mine, theirs = (curves[system.name][EFS.index(64)][0] for system in (SEXTANT, EDGE))
    measure = f"index of all vectors, s; recall at ef 64 {mine:.4f} and {theirs:.4f}"
    run.table.add(measure, (ours, builds[EDGE.name]["index"]), 3, less_is_better=True)


# --- filters


class Filters:
    """Searches under filters, each question in rounds. No filter is asked twice, but for one thing: Sextant gets a whole
    round once more, when it may remember what each filter accepts.
    """

    OURS, OURS_AGAIN, PLAIN, WITH_ACORN = "Sextant", "Sextant, again", "qdrant-edge", "qdrant-edge, ACORN"
    SYSTEMS = {OURS: SEXTANT, OURS_AGAIN: SEXTANT, PLAIN: EDGE, WITH_ACORN: EDGE}
    UNFILTERED = "100 %"

    def __init__(self, run: Run):
        self.run, self.data, self.rounds = run, run.data, range(run.args.repeats)
        self.questions: dict[str, list[Window | None]] = {self.UNFILTERED: [None] * len(self.data.queries)}
        for kind in KINDS:
            for share in SELECTIVITIES:
                self.questions[f"{kind} {share * 100:g} %"] = self.data.windows(kind, share)
        self.reports: dict[tuple[str, str], list[dict]] = {}
        self.recalls: dict[tuple[str, str], float] = {}

    @staticmethod
    def label(question: str, round_number: int, way: str) -> str:
        return f"{question} {round_number}{' ACORN' if way == Filters.WITH_ACORN else ''}"

    def lines(self, way: str) -> Iterator[dict]:
        for question, windows in self.questions.items():
            for i in self.rounds:
                for j, (query, window) in enumerate(zip(self.data.queries, windows, strict=True)):
                    request = {"filter": window.filter(i * len(windows) + j)} if window else {}
                    yield search(self.label(question, i, way), query, ACORN if way == self.WITH_ACORN else None, **request)

    def measure(self) -> None:
        at_rest = line("SETTLE", "")  # what happens after a start, when nothing is written, has happened
        lines = {SEXTANT.name: [at_rest, *self.lines(self.OURS)],
                 EDGE.name: [*self.lines(self.PLAIN), *self.lines(self.WITH_ACORN)]}  # fmt: skip
        with self.run.stores.opened([SEXTANT, EDGE], "filtered", lines) as (ours, peer):
            programs = {way: ours if system is SEXTANT else peer for way, system in self.SYSTEMS.items()}
            for question in self.questions:
                for i in self.rounds:
                    for way, program in programs.items():
                        report = program.measure(self.label(question, i, way))
                        self.reports.setdefault((way, question), []).append(report)
        exact = self.data.exact_scores(self.questions)
        for way, program in programs.items():
            found = program.found(len(self.data.queries))
            for question, windows in self.questions.items():
                ids = found[self.label(question, 0, way)]
                self.recalls[way, question] = self.data.recall(ids, exact[question], windows)

    def rate(self, way: str, question: str) -> float:
        return median(report["requests_per_second"] for report in self.reports[way, question])

    def p95_ms(self, way: str, question: str) -> float:
        return median(report["p95_seconds"] for report in self.reports[way, question]) * 1e3

    def best_peer(self, question: str) -> str:
        """The faster of the peer's ways with the recall that is wanted; else the one with more."""
        ways = (self.PLAIN, self.WITH_ACORN)
        good = [way for way in ways if self.recalls[way, question] >= WANTED_RECALL]
        if good:
            return max(good, key=lambda way: self.rate(way, question))
        return max(ways, key=lambda way: self.recalls[way, question])

    def print(self) -> None:
        columns = "".join(f" | {way}: recall | queries/s | p95, ms" for way in self.SYSTEMS)
        print(f"\n| accepted{columns} | ratio | p95 / unfiltered |\n|---|" + "---:|" * (3 * len(self.SYSTEMS) + 2))
        unfiltered = self.p95_ms(self.OURS, self.UNFILTERED)
        for question in self.questions:
            cells = [question]
            for way in self.SYSTEMS:
                recall, p95 = self.recalls[way, question], self.p95_ms(way, question)
                cells += [f"{recall:.4f}", f"{self.rate(way, question):,.0f}", f"{p95:.2f}"]
            ratio = self.rate(self.OURS, question) / self.rate(self.best_peer(question), question)
            cells += [f"{ratio:.2f}", f"{self.p95_ms(self.OURS, question) / unfiltered:.2f}"]
            print("| " + " | ".join(cells) + " |")

    def add_to(self, table: Table) -> None:
        filtered = [question for question in self.questions if question != self.UNFILTERED]
        for question in filtered:
            rates = self.rate(self.OURS, question), self.rate(self.best_peer(question), question)
            wanted = 4 if question.split()[1] in ("10", "1") else 2
            table.add(f"queries/s, {question} accepted", rates, wanted)
        worst = min(filtered, key=lambda question: self.recalls[self.OURS, question])
        table.add(f"least recall under a filter ({worst}), beside {WANTED_RECALL}",
                  (self.recalls[self.OURS, worst], WANTED_RECALL), 1)  # fmt: skip
        slowest = max(filtered, key=lambda question: self.p95_ms(self.OURS, question))
        p95s = self.p95_ms(self.OURS, slowest), self.p95_ms(self.OURS, self.UNFILTERED)
        table.add(f"p95, ms, of the slowest filter ({slowest}) beside no filter", p95s, 1 / 3, less_is_better=True)


def filter_part(run: Run) -> None:
    run.data.add_fields()
    for system in (SEXTANT, EDGE):
        run.stores.build(system, "filtered", run.data)
    filters = Filters(run)
    filters.measure()
    filters.print()
    filters.add_to(run.table)


# --- writes


def upsert_lines(system: System, data: Data, turns: int) -> Iterator[dict]:
    yield line("PUT", "", {"vectors": {"size": data.vectors.shape[1], "distance": "Cosine"}, **system.config})
    method = "UPSERT" if system is SEXTANT_DECODED else "PUT"
    for turn in range(turns):
        for batch in range(BATCHES_A_TURN):
            first = (turn * BATCHES_A_TURN + batch) * UPSERT_BATCH
            points = [{"id": i, "vector": data.vectors[i], "payload": {"number": i}} for i in range(first, first + UPSERT_BATCH)]
            yield line(method, "/points?wait=true", {"points": points}, f"upserts {turn}")
        yield line("SETTLE", "", None, f"settle {turn}")


def upsert_part(run: Run) -> None:
    """By wall time, whatever the clock: most of it may be waiting for the disk."""
    systems, turns = [SEXTANT, SEXTANT_DECODED, *EDGE_DURABLE], range(run.args.repeats * 2)
    rates: dict[str, list[float]] = {system.name: [] for system in systems}
    lines = {system.name: upsert_lines(system, run.data, len(turns)) for system in systems}
    with tempfile.TemporaryDirectory(dir=run.folder) as folder:
        stores = Stores(Path(folder), "wall")
        with stores.opened(systems, "upserts", lines) as programs:
            for turn in turns:
                for system, program in zip(systems, programs, strict=True):
                    rates[system.name].append(program.measure(f"upserts {turn}")["requests_per_second"] * UPSERT_BATCH)
                    program.measure(f"settle {turn}")
    print(f"\n| system | points/s, durable, batches of {UPSERT_BATCH} | least | most |\n|---|---:|---:|---:|")
    for name, of_system in rates.items():
        print(f"| {name} | {median(of_system):,.0f} | {min(of_system):,.0f} | {max(of_system):,.0f} |")
    best = max(median(rates[system.name]) for system in EDGE_DURABLE)
    for system in (SEXTANT, SEXTANT_DECODED):
        measure = f"durable upserts, points/s, batches of {UPSERT_BATCH}, {system.name}"
        run.table.add(measure, (median(rates[system.name]), best), 2)


# --- cold start


def cold_part(run: Run) -> None:
    """Opening and the first answer, by wall time, when the kernel keeps nothing of the files."""
    systems = [SEXTANT, EDGE]
    seconds: dict[str, list[tuple[float, float]]] = {system.name: [] for system in systems}
    for system in systems:
        run.stores.build(system, "plain", run.data)
    stores = Stores(run.stores.folder, "wall")
    for turn in range(run.args.repeats):
        for system in systems:
            memory_limits.drop_cached_pages(stores.place(system, "plain"))
            lines = {system.name: [search("first", run.data.queries[turn])]}
            with stores.opened([system], "plain", lines) as (program,):
                seconds[system.name].append((program.ready["open_seconds"], program.measure("first")["first_seconds"]))
    print("\n| system | opened after, s | first answer after, s |\n|---|---:|---:|")
    total = {}
    for name, of_system in seconds.items():
        total[name] = median(opened + answered for opened, answered in of_system)
        print(f"| {name} | {median(opened for opened, _ in of_system):.3f} | {total[name]:.3f} |")
    values = total[SEXTANT.name], total[EDGE.name]
    run.table.add("cold start to the first answer, s", values, 3, less_is_better=True)


# --- exact search


def exact_part(run: Run) -> None:
    """Bytes of rows read a second beside what reading an array of that size reaches on as many threads: one."""
    run.stores.build(SEXTANT, "plain", run.data)
    queries = run.data.queries[:EXACT_QUERIES]
    lines = {SEXTANT.name: [search("exact", query, params={"exact": True}) for query in queries]}
    row_bytes = run.data.vectors.nbytes
    command = [MEMORY_BENCH, "--bytes", row_bytes, "--clock", run.args.clock]
    scanned, read = [], []
    with run.stores.opened([SEXTANT], "plain", lines) as (program,), Program(command) as memory:
        program.measure("exact")  # meanwhile all rows are verified
        for _ in range(run.args.repeats):
            scanned.append(program.measure("exact")["requests_per_second"] * row_bytes / 1e9)
            read.append(memory.measure("")["bytes_per_second"] / 1e9)
    everything = [None] * len(queries)
    exact = run.data.exact_scores({"": everything[:1] * len(run.data.queries)})[""][: len(queries)]
    recall = run.data.recall(program.found(len(queries))["exact"], exact, everything)
    print(f"\nexact search: {median(scanned):.2f} GB/s of rows, recall {recall:.4f}; memory {median(read):.2f} GB/s, one thread")
    run.table.add("exact search, GB/s, beside reading memory", (median(scanned), median(read)), 0.85)


# --- memory


def memory_part(run: Run) -> None:
    """Of 768 dimensions; ours with rows on disk. Measured after the build, and opened again after searches."""
    files = run.folder / "joined"
    data = Data.joined(run.args.joined_count, run.args.queries, files)
    placed, bytes_of = {SEXTANT.name: {"on_disk": True}, EDGE.name: {}}, {}
    print("\n| system | resident bytes a vector after the build | opened again, after searches | recall |\n|---|---:|---:|---:|")
    everything = [None] * len(data.queries)
    exact = data.exact_scores({"": everything})[""]
    for system in (SEXTANT, EDGE):
        built = run.stores.build(system, "joined", data, placed[system.name])["memory"]
        memory_limits.drop_cached_pages(run.stores.place(system, "joined"))
        lines = {system.name: [search("all", query) for query in data.queries]}
        with run.stores.opened([system], "joined", lines) as (program,):
            program.measure("all")
            searched = program.resident_bytes()
        recall = data.recall(program.found(len(data.queries))["all"], exact, everything)
        bytes_of[system.name] = built / len(data.vectors), searched / len(data.vectors)
        print(f"| {system.name} | {bytes_of[system.name][0]:,.0f} | {bytes_of[system.name][1]:,.0f} | {recall:.4f} |")
    for i, when in enumerate(("after the build", "opened again, after searches")):
        values = bytes_of[SEXTANT.name][i], bytes_of[EDGE.name][i]
        run.table.add(f"resident bytes a vector, 768 dimensions, {when}", values, 6, less_is_better=True)


PARTS = {
    "search": search_part,
    "filters": filter_part,
    "upserts": upsert_part,
    "cold": cold_part,
    "exact": exact_part,
    "memory": memory_part,
}


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=1_000_000, help="vectors")
    parser.add_argument("--joined-count", type=int, default=300_000, help="vectors of 768 dimensions")
    parser.add_argument("--queries", type=int, default=500)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--clock", choices=("wall", "cpu"), default="wall", help="cpu: where others use the machine too")
    parser.add_argument("--only", default="", help=f"parts that match this expression, of {', '.join(PARTS)}")
    parser.add_argument("--settings", default="", help="quantised settings of the peer whose name matches this expression")
    parser.add_argument("--folder", type=Path, help="keeps the stores, and uses those of an earlier run with the same --count")
    return parser.parse_args()


def main() -> None:
    args = parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = args.folder or Path(temporary)
        data = Data.large(args.count, args.queries, folder / "large")
        run = Run(args, folder, Stores(folder / "stores", args.clock), data)
        print(f"CPU: {cpu_description()}\nData: {len(data.vectors):,} x {data.vectors.shape[1]}, {args.queries} queries, "
              f"{args.clock} time, medians of {args.repeats}")  # fmt: skip
        for name, part in PARTS.items():
            if re.search(args.only, name):
                part(run)
                sys.stdout.flush()
        run.table.print()


if __name__ == "__main__":
    main()
