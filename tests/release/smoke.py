"""What each extra must be able to do; `tests.release` runs it where only that extra is installed.

``python smoke.py EXTRA URL KEY FOLDER``: EXTRA may be ``bare`` or ``all``.
"""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

BIN = Path(sys.executable).parent
PROJECT = Path(__file__).parents[1] / "unit" / "testing" / "downstream"


def command(*arguments: str, expected: int = 0) -> str:
    """Run the command line and return what it printed."""
    environ = os.environ | {"JUNCTION_API_KEY": KEY, "JUNCTION_BASE_URL": URL, "NO_PROXY": "*"}
    done = subprocess.run(  # noqa: S603
        [BIN / "junction-introspect", *arguments],
        env=environ,
        cwd=FOLDER,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == expected, (arguments, done)
    return done.stdout + done.stderr


def bare() -> None:
    from junction_introspect import Junction  # noqa: PLC0415

    with Junction(api_key=KEY, base_url=URL) as junction:
        assert len(list(junction.historical_pulls())) > 1
    assert command("--version").startswith("junction-introspect ")
    module = [sys.executable, "-m", "junction_introspect", "--version"]
    assert subprocess.run(module, check=True, capture_output=True).stdout  # noqa: S603


def without_the_command_line() -> None:
    assert "pip install 'junction-introspect[cli]'" in command("pulls", expected=9)


def cli() -> None:
    from junction_introspect.cli.app import COMMANDS  # noqa: PLC0415

    assert all(name in command("--help") for name in COMMANDS)
    for name in COMMANDS:
        assert "Usage:" in command(name, "--help")
    assert " users, " in command("pulls")


def arrow() -> None:
    from junction_introspect import Junction  # noqa: PLC0415
    from junction_introspect.export import export, listed  # noqa: PLC0415

    with Junction(api_key=KEY, base_url=URL) as junction:
        assert junction.historical_pulls().to_arrow().read_all().num_rows > 1
        for suffix in ("parquet", "csv", "ndjson"):
            export(listed(junction), f"{FOLDER}/{suffix}/part-*.{suffix}")


def store() -> None:
    from junction_introspect import Junction  # noqa: PLC0415
    from junction_introspect.store import Store, sync  # noqa: PLC0415

    with Junction(api_key=KEY, base_url=URL) as junction, Store.open(f"{FOLDER}/p.duckdb") as store:
        sync(junction, store)
        assert len(list(store.rows())) > 1


def report() -> None:
    from junction_introspect import Junction  # noqa: PLC0415
    from junction_introspect.report import build, render  # noqa: PLC0415

    with Junction(api_key=KEY, base_url=URL) as junction:
        assert "<html" in render(build(junction.historical_pulls().rows(), datetime.now(UTC)))


def dask() -> None:
    from junction_introspect.sweep import read, sweep  # noqa: PLC0415
    from junction_introspect.teams import Team  # noqa: PLC0415

    os.environ["SMOKE_KEY"] = KEY
    list(sweep([Team(name="acme", base_url=URL, key_env="SMOKE_KEY")], f"{FOLDER}/swept"))
    assert read(f"{FOLDER}/swept").to_table().num_rows > 1


def mock() -> None:
    from junction_introspect import Junction  # noqa: PLC0415

    serve = [sys.executable, "-m", "junction_introspect.mock", "--port", "0", "--users", "3"]
    with subprocess.Popen(serve, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603
        assert process.stdout
        url = process.stdout.readline().strip()
        with Junction(api_key="mock-api-key", base_url=url) as junction:
            assert len(list(junction.resources())) == 3
        process.terminate()
    assert process.returncode == 0


def testing() -> None:
    tests = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(PROJECT)]
    subprocess.run(tests, cwd=FOLDER, check=True, stdout=subprocess.DEVNULL)  # noqa: S603


def contract() -> None:
    from junction_introspect.contract import check_server  # noqa: PLC0415

    assert check_server(URL, KEY, examples=5).kept


PARTS = {
    "arrow": (arrow,),
    "cli": (cli,),
    "contract": (contract,),
    "dask": (arrow, dask),
    "mock": (mock,),
    "report": (report,),
    "store": (arrow, store),
    "testing": (mock, testing),
}

if __name__ == "__main__":
    EXTRA, URL, KEY, FOLDER = sys.argv[1:]
    bare()
    if EXTRA not in {"all", "cli"}:
        without_the_command_line()
    parts = PARTS.values() if EXTRA == "all" else [PARTS.get(EXTRA, ())]
    for part in dict.fromkeys(each for some in parts for each in some):
        part()
    if EXTRA == "all":
        command("contract", "--mock", "--examples", "5")
        command("sync", "--to", "all.duckdb")
        command("report", "--from", "all.duckdb")
