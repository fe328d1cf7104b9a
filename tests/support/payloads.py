"""Documents as the API sends them, to be changed in one place by a test."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

TIMELINE = {
    "scheduled_at": "2026-01-05T10:00:00+00:00",
    "started_at": "2026-01-05T10:00:03+00:00",
    "ended_at": "2026-01-05T10:04:00+00:00",
}


def statistics(**changes: Any) -> dict[str, Any]:
    """Return one pull, a success, with some fields changed."""
    return {
        "status": "success",
        "range_start": "2025-10-05T00:00:00+00:00",
        "range_end": "2026-01-05T00:00:00+00:00",
        "timeline": dict(TIMELINE),
        "days_with_data": 70,
        "release": "1.2.3",
        "trace_id": "51cc7d2d72e98ed4eb63e2b0864b39e3",
        "error_details": None,
        **changes,
    }


def user_id(number: int) -> UUID:
    """Return the id of the user of that number."""
    return UUID(int=number, version=4)


def user(number: int = 1, **pulled: Any) -> dict[str, Any]:
    """Return a user with one provider; by default with two pulls and one resource not pulled."""
    return {
        "user_id": str(user_id(number)),
        "provider": {
            "oura": {
                "pulled": pulled or {"sleep": statistics(), "activity": statistics()},
                "not_pulled": ["hrv"],
            }
        },
    }


def page(*users: Any, next_cursor: str | None = None, **more: Any) -> dict[str, Any]:
    """Return a page of these users; `next` says what `next_cursor` says."""
    return {"data": list(users), "next": next_cursor, "next_cursor": next_cursor, **more}


def encoded(document: Any) -> bytes:
    """Return the bytes of a document."""
    return json.dumps(document).encode()
