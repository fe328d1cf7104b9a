"""Sums up a user's diagnoses in one line: how many connections need somebody, and whom."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from junction_introspect.tracking.diagnosis import Diagnosis
from junction_introspect.tracking.text import name_of
from junction_introspect.tracking.verdicts import Turn, Verdict

# What has to be done, by verdict; for verdicts that are not listed here, by whose turn it is.
_BY_VERDICT: Final[Mapping[tuple[Verdict, Turn], str]] = {
    ("not_connected", "user"): "the user has to connect {}",
    ("connection_error", "user"): "the user has to reconnect {}",
    ("not_granted", "user"): "the user has to allow access at {}",
    ("backfill_waiting", "junction"): "Junction is still backfilling {}",
}
_BY_TURN: Final[Mapping[Turn, str]] = {
    "user": "the user has to look at {}",
    "team": "you have to act on {}",
    "junction": "Junction has to act on {}",
    "unknown": "nobody can tell what {} needs",
}


def headline(diagnoses: Sequence[Diagnosis]) -> str:
    """Return one line about one user.

    Args:
        diagnoses: As `diagnose` returns them: those that need somebody come first.
    """
    providers: dict[str, list[Diagnosis]] = {}
    for each in diagnoses:
        providers.setdefault(each.provider, []).append(each)
    if not providers:
        return "the user has no connection"
    needs: dict[str, list[str]] = {}
    for provider, of_provider in providers.items():
        first = next((each for each in of_provider if each.turn != "nobody"), None)
        if first is not None:
            what = _BY_VERDICT.get((first.verdict, first.turn)) or _BY_TURN[first.turn]
            needs.setdefault(what, []).append(name_of(provider))
    total = len(providers)
    if not needs:
        return "the connection is well" if total == 1 else f"all {total} connections are well"
    number = sum(map(len, needs.values()))
    whole = "the connection needs" if total == 1 else f"{number} of {total} connections need"
    return f"{whole} somebody: {'; '.join(what.format(_listed(of)) for what, of in needs.items())}"


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
