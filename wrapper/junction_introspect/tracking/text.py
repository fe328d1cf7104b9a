"""Formats times, durations and values from the server for use in a sentence."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

from junction_introspect.tracking.states import in_utc

_LONGEST: Final = 40


def at(moment: datetime) -> str:
    """Return a time to the minute, in UTC: ``"2026-03-01 12:00 UTC"``."""
    try:
        shown = in_utc(moment).astimezone(UTC)
    except OverflowError:  # in the first or the last hours that a datetime can hold
        return moment.isoformat(" ", "minutes")
    return f"{shown:%Y-%m-%d %H:%M} UTC"


def since(moment: datetime, now: datetime) -> str:
    """Return a time and how long ago it was: ``"2026-03-01 12:00 UTC (3 d 4 h ago)"``."""
    ago = now - in_utc(moment)
    words = f"in {in_words(-ago)}" if ago < timedelta() else f"{in_words(ago)} ago"
    return f"{at(moment)} ({words})"


def in_words(length: timedelta) -> str:
    """Return a duration in its two largest units: ``"3 d 4 h"``, ``"12 min"``, ``"40 s"``."""
    seconds = round(length.total_seconds())
    parts: list[str] = []
    for unit, size in (("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1)):
        count, seconds = divmod(seconds, size)
        if count:
            parts.append(f"{count} {unit}")
        if parts and (len(parts) == 2 or not count):  # noqa: PLR2004 - two units, and no gap
            break
    return " ".join(parts) or "0 s"


def name_of(provider: str) -> str:
    """Return a provider's name to show to people, from its name in the API."""
    return shown(provider.replace("_", " ").title())


def shown(value: str) -> str:
    """Return a value from the server for use in a sentence: printable, and not too long.

    Escapes characters that cannot be printed or that change the direction of the text. A value that
    was cut ends with its full length. An empty string becomes ``''``, so that it does not look
    absent.
    """
    if value and len(value) <= _LONGEST and value.isprintable():
        return value
    cut = value[:_LONGEST]
    text = "".join(each if each.isprintable() else repr(each)[1:-1] for each in cut)
    if max(len(value), len(text)) > _LONGEST:
        return f"{text[:_LONGEST]}… ({len(value):,} characters)"
    return text or "''"
