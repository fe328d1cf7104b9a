"""One team's sweep: an export of its listing, which may be interrupted and run twice at a time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import anyio.to_thread
from attrs import field, frozen, validators

from junction_api.models import Labs, Providers
from junction_introspect._paging.operation import Operation
from junction_introspect._paging.resuming import RESUME_WITHIN
from junction_introspect.arrow import schema, utc_now
from junction_introspect.async_client import AsyncJunction
from junction_introspect.errors import APIStatusError
from junction_introspect.export.destination import Destination
from junction_introspect.export.engine import ROWS_PER_PART, Exported, Files, Parts
from junction_introspect.export.sources import Piece, identity_of
from junction_introspect.operations.historical_pulls import HISTORICAL_PULLS
from junction_introspect.operations.listings import LISTINGS
from junction_introspect.teams.team import Team


def files_of(destination: Destination, team: str) -> Files:
    """Return the files of a team. Its folder is named like a Hive partition, for other readers."""
    return Files(destination.folder(f"team={team}"))


@frozen(kw_only=True)
class Sweep:
    """The settings of a sweep. They can be pickled, and hold no key.

    Attributes:
        destination: Where the parts are written.
        what: What to list: ``"pulls"`` or ``"resources"``.
        provider: Only users of this provider or lab.
        user_limit: How many users a page may hold at most.
        rows_per_part: How many rows a part has at least, except the last part.
        verify: Whether to read every part of an earlier attempt.
        resume_within: How old the last page of an interrupted attempt may be for it to be resumed.
        now: Returns the time, called when a page was received.
    """

    destination: Destination
    what: str = field(default=HISTORICAL_PULLS.what, validator=validators.in_(LISTINGS))
    provider: Providers | Labs | str | None = None
    user_limit: int = 50
    rows_per_part: int = field(default=ROWS_PER_PART, validator=validators.ge(1))
    verify: bool = False
    resume_within: timedelta = RESUME_WITHIN
    now: Callable[[], datetime] = utc_now

    async def write(self, team: Team, junction: AsyncJunction) -> Exported:
        """List a team and write its parts; to be passed to `junction_introspect.teams.run_team`.

        If the team is complete and its parts are as they were, nothing is sent or written. Records
        that cannot be decoded are left out and counted.

        Raises:
            APIError: A page could not be fetched. The next attempt resumes after the finished
                parts.
            ExportError: The destination cannot be read or written, or has parts of another sweep.
        """
        operation: Operation[Any, Any] = LISTINGS[self.what]
        arguments = operation.arguments(
            user_id=None, provider=self.provider, user_limit=self.user_limit
        )
        parts = Parts(
            files=files_of(self.destination, team.name),
            schema=schema(operation),
            of=identity_of(operation, str(team.url), arguments),
            key=operation.key,
            rows_per_part=self.rows_per_part,
            restarts=True,
            verify=self.verify,
            resume_within=self.resume_within,
            now=self.now,
            remedy="use another destination",
        )
        in_thread = anyio.to_thread.run_sync
        await in_thread(parts.find)
        while not parts.complete:
            listing = junction.listing(
                operation,
                arguments,
                cursor=parts.manifest.next_cursor,
                on_invalid=lambda _: None,  # the manifest counts them
            )
            try:
                async for page in listing.pages():
                    piece = Piece.of_page(operation, page, self.now())
                    await in_thread(parts.take, piece)
            except APIStatusError as error:
                if not await in_thread(parts.restart, error):
                    raise
        return parts.exported
