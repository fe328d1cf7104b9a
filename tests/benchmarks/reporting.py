"""Answers as Markdown: the same text for the terminal and for RESULTS.md."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.benchmarks.measuring import shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from tests.benchmarks.measuring import Answer, Claim, Series


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a Markdown table, its columns padded so that it can be read as it is."""
    lines = [list(head), *(list(row) for row in rows)]
    widths = [max(len(cell) for cell in column) for column in zip(*lines, strict=True)]
    lines.insert(1, ["-" * width for width in widths])
    return "\n".join(
        "| "
        + " | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True))
        + " |"
        for line in lines
    )


def answer_text(answer: Answer) -> str:
    """Return an answer under its title."""
    parts = [f"## {answer.title}"]
    if answer.remark:
        parts.append(answer.remark)
    if answer.series:
        parts.append(_series_table(answer.series))
    if answer.claims:
        parts.append(
            table(("claim", "by median", "by minimum", "target", ""), _rows(answer.claims))
        )
    return "\n\n".join(parts)


def results_text(answers: Sequence[Answer], described: Mapping[str, str]) -> str:
    """Return RESULTS.md: the machine, every claim that has a target, then every answer.

    Args:
        answers: In the order to print them.
        described: What the figures hold for: machine, versions, date.
    """
    held = [(answer.title, claim) for answer in answers for claim in answer.claims if claim.target]
    met = sum(claim.verdict == "met" for _, claim in held)
    summary = table(
        ("question", "claim", "measured", "target", ""),
        ((title, *_claim_cells(claim)) for title, claim in held),
    )
    return (
        "\n\n".join(
            (
                "# What `make bench` measured",
                "[docs/performance.md](../../docs/performance.md) explains the figures.",
                table(("", ""), described.items()),
                f"{met} of {len(held)} targets are met. Ratios are of medians.",
                summary,
                "![Users a second and peak memory, from 100 to 1,000,000 users](scaling.svg)",
                *(answer_text(answer) for answer in answers),
            )
        )
        + "\n"
    )


def _series_table(series: Sequence[Series]) -> str:
    served = any(one.server is not None for one in series)
    head = ("", "median", "minimum", "runs", *(["server at work"] if served else []))
    return table(head, (_series_cells(one, served=served) for one in series))


def _series_cells(series: Series, *, served: bool) -> tuple[str, ...]:
    share = "" if series.server is None else f"{series.server:.0%} of the time"
    return (
        series.name,
        shown(series.median, series.unit),
        shown(series.minimum, series.unit),
        str(len(series.values)),
        *([share] if served else []),
    )


def _claim_cells(claim: Claim) -> tuple[str, str, str, str]:
    target = str(claim.target) if claim.target else ""
    return claim.what, shown(claim.value, claim.unit), target, claim.verdict


def _rows(claims: Iterable[Claim]) -> Iterable[tuple[str, ...]]:
    for claim in claims:
        what, value, target, verdict = _claim_cells(claim)
        least = "" if claim.least is None else shown(claim.least, claim.unit)
        yield what, value, least, target, verdict
