"""The examples at the end of each command's help; a test parses and runs them."""

from __future__ import annotations

from typing import Final

USER: Final = "2c3d9a52-2d3c-4b0a-9c7d-0f5a1d3b8e11"

EXAMPLES: Final = {
    "explain": (
        f"explain {USER}",
        f"explain {USER} --all",
        "explain --from pulls.duckdb --team default",
        "explain - --format ndjson < ids.txt",
    ),
    "pulls": (
        "pulls --provider oura --status failure --limit 10",
        f"pulls --user-id {USER}",
        "pulls --profile staging --format csv > pulls.csv",
    ),
    "summary": ("summary", "summary --by total --format json", "summary --from pulls.duckdb"),
    "stuck": (
        "stuck --scheduled 2h --in-progress 1d",
        "stuck --from pulls.duckdb --format ndjson",
    ),
    "stale": ("stale --provider fitbit", "stale --from pulls.duckdb --team default"),
    "coverage": ("coverage --below 0.5", "coverage --provider fitbit --format csv"),
    "watch": (
        "watch --provider oura --resource sleep --deadline 30m",
        f"watch --user-id {USER}",
    ),
    "report": ("report --output report.html", "report --from pulls.duckdb -o - > report.html"),
    "sync": (
        "sync --to pulls.duckdb --what pulls,resources",
        "sync --to pulls.duckdb --teams teams.toml --jobs 8",
    ),
    "changes": (
        "changes --from pulls.duckdb --since 12h",
        "changes --from pulls.duckdb --since 2026-01-31",
    ),
    "export": (
        "export --to 'out/part-*.parquet'",
        "export --from pulls.duckdb --to 'out/pulls-*.csv'",
        "export --to 'out/resources-*.parquet' --what resources",
    ),
    "doctor": ("doctor", "doctor --profile staging --format json"),
    "contract": (
        "contract --url https://api.example.com --reports out",
        "contract --mock --examples 200",
    ),
    "profiles": ("profiles", "profiles --format json"),
    "mock": ("mock", "mock --port 0 --users 1000 --speed 600 --control"),
}


def epilog(command: str) -> str:
    r"""Return the last paragraph of a command's help; ``\b`` stops click from wrapping it."""
    lines = (f"  junction-introspect {example}" for example in EXAMPLES.get(command, ()))
    return "\n".join(("\b", "Examples:", *lines))
