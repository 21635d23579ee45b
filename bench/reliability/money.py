"""The long run of the tests about money; what was reached becomes the section "Money" of RELIABILITY.md.

usage: python bench/reliability/money.py [--quick]      --quick: as often as the tests in CI do it
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "RELIABILITY.md"
TITLE = "## Money"
HEAD = """# What was tried to break Songwright, and what came of it

Each row is a test that prints its number; the command runs it again. `make test` runs all of them in smaller numbers.
"""
COLUMNS = "| what | asked | reached | command | date |\n|---|---|---|---|---|\n"
TESTS = ("tests/integration/test_money_rules.py", "tests/integration/test_money_orders.py")
TESTS += ("tests/integration/test_money_idempotency.py", "tests/unit/ledger/test_statement.py")


@dataclass(frozen=True)
class Row:
    """One row: how often in the long run and in CI, and under which name the tests report it."""

    report: str
    what: str
    asked: str  #: with {} for how often
    setting: str
    long: int
    in_ci: int


ROWS = (
    Row("sequences", "random lives of accounts, on the store", "{}, 0 violations", "SEQUENCES", 10_000, 500),
    Row("sequences over HTTP", "the same over HTTP", "{}, 0 violations", "HTTP_SEQUENCES", 100, 10),
    Row("64 threads", "64 threads, balance for 10: exactly 10", "{} of {}", "EDGES", 100, 20),
    Row("64 clients", "64 HTTP clients, both dialects, balance for 10: exactly 10", "{} of {}", "HTTP_EDGES", 100, 20),
    Row("settlement races", "worker, late worker, sweep, cancel at once", "{}, one end each", "RACES", 10_000, 500),
    Row("forged callbacks", "forged or foreign callbacks of payments", "{}, 0 credited", "FORGED", 10_000, 500),
    Row("tampering", "a cell or row of the books changed behind its guards", "{}, all found", "MUTATIONS", 1_000, 200),
    Row("idempotency", "POSTs that a key makes once, also 20 at once", "all", "", 0, 0),
)  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="as often as the tests in CI do it")
    quick = parser.parse_args().quick
    with tempfile.NamedTemporaryFile("r", suffix=".tsv") as report:
        began_s = time.monotonic()
        environment = os.environ | {"SONGWRIGHT_MONEY_REPORT": report.name}
        for row in ROWS:
            if row.setting and not quick:
                environment[f"SONGWRIGHT_MONEY_{row.setting}"] = str(row.long)
        command = [sys.executable, "-m", "pytest", "-q", "-o", "timeout=3600", *TESTS]
        failed = subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode
        reached = dict(line.rstrip("\n").split("\t") for line in report)
    write(section(reached, quick))
    print(f"{len(reached)} of {len(ROWS)} rows, {time.monotonic() - began_s:.0f} s; written into {PAGE.name}")
    sys.exit(failed)


def section(reached: dict[str, str], quick: bool) -> str:
    """The section; a row whose test did not get to its end says so."""
    command = "`python bench/reliability/money.py --quick`" if quick else "`make reliability-money`"
    today = time.strftime("%Y-%m-%d", time.gmtime())
    lines = [
        f"| {row.what} | {row.asked.replace('{}', format(row.in_ci if quick else row.long, ','))} | "
        f"{reached.get(row.report, '**not reached**')} | {command} | {today} |\n"
        for row in ROWS
    ]
    return f"{TITLE}\n\n{COLUMNS}{''.join(lines)}"


def write(text: str) -> None:
    """Replace this section of the page, and only this one."""
    page = PAGE.read_text("utf-8") if PAGE.exists() else HEAD
    before, _, rest = page.partition(f"{TITLE}\n")
    _, heading, after = rest.partition("\n## ")
    PAGE.write_text(f"{before.rstrip()}\n\n{text}{heading}{after}", "utf-8")


if __name__ == "__main__":
    main()
