"""One team's sweep: writes its listing in parts, and resumes an interrupted attempt."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

import anyio.to_thread
import pyarrow.parquet  # pyright: ignore[reportMissingTypeStubs]
from attrs import field, frozen, validators
from msgspec.structs import replace

from junction_api.models import Labs, Providers
from junction_introspect._paging.resuming import RESUME_WITHIN, Resumption
from junction_introspect.arrow import record_batch, utc_now
from junction_introspect.async_client import AsyncJunction
from junction_introspect.errors import APIStatusError, SweepMismatchError
from junction_introspect.export.exports import ROWS_PER_PART
from junction_introspect.export.formats import Format, write
from junction_introspect.export.manifest import Part
from junction_introspect.operations.historical_pulls import HISTORICAL_PULLS
from junction_introspect.pages import InvalidRecord, Page
from junction_introspect.sweep.destination import MANIFEST, PROGRESS, Destination, part_name
from junction_introspect.sweep.manifest import Manifest, Swept, decode, encode
from junction_introspect.sweep.repeats import Table, table_of, users_in_several, without_repeats
from junction_introspect.teams.team import Team

# As in `junction_introspect.arrow`.
_parquet: Any = pyarrow.parquet


@frozen(kw_only=True)
class Sweep:
    """The settings of a sweep. They can be pickled, and hold no key.

    Attributes:
        destination: Where the parts are written.
        provider: Only users of this provider or lab.
        user_limit: How many users a page may hold at most.
        rows_per_part: How many rows a part has at least, except the last part.
        resume_within: How old the last page of an interrupted attempt may be for it to be resumed.
        now: Returns the time, called when a page was received.
    """

    destination: Destination
    provider: Providers | Labs | str | None = None
    user_limit: int = 50
    rows_per_part: int = field(default=ROWS_PER_PART, validator=validators.ge(1))
    resume_within: timedelta = RESUME_WITHIN
    now: Callable[[], datetime] = utc_now

    async def write(self, team: Team, junction: AsyncJunction) -> Swept:
        """List a team and write its parts; to be passed to `junction_introspect.teams.run_team`.

        If the team is complete, nothing is sent or written. Records that cannot be decoded are left
        out and counted.

        Raises:
            APIError: A page could not be fetched. The next attempt resumes after the finished
                parts.
            OSError: The destination cannot be written. Its filesystem may also raise other errors.
            SweepMismatchError: The destination has parts of another sweep.
        """
        in_thread = anyio.to_thread.run_sync
        parts = _Parts(self, team)
        await in_thread(parts.find)
        while not parts.complete:
            listing = junction.historical_pulls(
                provider=self.provider,
                user_limit=self.user_limit,
                cursor=parts.manifest.next_cursor,
                on_invalid=_leave_out,
            )
            try:
                async for page in listing.pages():
                    await in_thread(parts.take, page)
            except APIStatusError as error:
                if not parts.restart(error):
                    raise
        return parts.summary()


def _leave_out(_record: InvalidRecord) -> None:
    """Ignore an invalid record; the manifest counts it."""


class _Parts:
    """The parts of a team: decides when to write one. Writing blocks."""

    def __init__(self, sweep: Sweep, team: Team) -> None:
        self._sweep, self._team, self._files = sweep, team.name, sweep.destination
        self._of = {"address": str(team.url), "provider": sweep.provider}
        self._begin()
        self._repeats = self._written = 0
        self._resumption = Resumption(resumed=False)
        self.complete = False

    def _begin(self) -> None:
        self.manifest = Manifest(of=self._of, observed_at=self._sweep.now())
        self._hold()

    def _hold(self) -> None:
        self._ahead = self.manifest
        self._batches: list[Any] = []

    def find(self) -> None:
        """Read the manifest, or the progress of an interrupted attempt."""
        finished = self._files.get(self._team, MANIFEST)
        if finished is not None:
            manifest = decode(finished)
            if manifest is None or manifest.of != self._of:
                raise SweepMismatchError(
                    f"{self._files.url} has parts of team {self._team} with another address,"
                    " provider or version: use another destination"
                )
            self.manifest, self.complete = manifest, True
            return
        broken_off = decode(self._files.get(self._team, PROGRESS))
        now, within = self._sweep.now(), self._sweep.resume_within
        if broken_off is not None and broken_off.goes_on(self._of, now, within):
            self.manifest = broken_off
            self._resumption = Resumption(resumed=True)
            self._hold()

    def restart(self, error: APIStatusError) -> bool:
        """Start over if an error is the refusal of an earlier attempt's cursor; return whether."""
        if not self._resumption.restarts(error):
            return False
        self._begin()
        return True

    def take(self, page: Page[Any]) -> None:
        """Add a page. Write a part when there are enough rows, and the rest at the end."""
        self._resumption.accept()
        now = self._sweep.now()
        ahead = self._ahead
        self._batches.append(record_batch(HISTORICAL_PULLS, page, now))
        self._ahead = replace(
            ahead,
            next_cursor=page.next_cursor,
            observed_at=now,
            pages=ahead.pages + 1,
            users=ahead.users + len(page.data),
            invalid=ahead.invalid + len(page.invalid),
        )
        rows = sum(batch.num_rows for batch in self._batches)
        last = page.next_cursor is None
        if rows >= self._sweep.rows_per_part or (last and rows):
            table = table_of(self._batches)
            self._repeats += rows - table.num_rows
            part = self._put(len(ahead.parts), table)
            self._ahead = replace(self._ahead, parts=(*ahead.parts, part))
        elif not last:
            return
        self.manifest = self._ahead
        self._hold()
        if last:
            self._finish()
        else:
            self._files.put(self._team, PROGRESS, encode(self.manifest))

    def _put(self, number: int, table: Table) -> Part:
        out = io.BytesIO()
        write(table.to_batches(), table.schema, Format.PARQUET, out)
        content = out.getvalue()
        name = part_name(number)
        self._files.put(self._team, name, content)
        self._written += 1
        return Part(
            name=name,
            rows=table.num_rows,
            bytes=len(content),
            sha256=sha256(content).hexdigest(),
        )

    def _finish(self) -> None:
        self.manifest = replace(self.manifest, parts=self._distinct(self.manifest.parts))
        self._files.put(self._team, MANIFEST, encode(self.manifest))
        self._files.remove(self._team, PROGRESS)
        self.complete = True

    def _distinct(self, parts: tuple[Part, ...]) -> tuple[Part, ...]:
        """Return parts without repeats: each key has one row across all parts."""
        if len(parts) < 2:  # noqa: PLR2004 - a single part has no repeats
            return parts
        users = users_in_several(self._read(part, ["user_id"])["user_id"] for part in parts)
        if not users:
            return parts
        kept: list[Part] = []
        backwards = list(reversed(list(enumerate(parts))))
        tables: Iterable[Table] = (self._read(part) for _, part in backwards)
        distinct = without_repeats(tables, users)
        for (number, part), table in zip(backwards, distinct, strict=True):
            self._repeats += part.rows - table.num_rows
            if table.num_rows == part.rows:
                kept.append(part)
            elif table.num_rows:
                # A new file, because an attempt that was given up may still list the old one.
                kept.append(self._put(number, table))
        return tuple(reversed(kept))

    def _read(self, part: Part, columns: list[str] | None = None) -> Table:
        content = self._files.get(self._team, part.name)
        if content is None:
            raise FileNotFoundError(f"{self._files.url} has lost a part of team {self._team}")
        return _parquet.read_table(io.BytesIO(content), columns=columns)

    def summary(self) -> Swept:
        manifest = self.manifest
        return Swept(
            team=self._team,
            rows=manifest.rows,
            users=manifest.users,
            pages=manifest.pages,
            invalid=manifest.invalid,
            repeats=self._repeats,
            written=self._written,
            resumed=self._resumption.resumed,
            restarted=self._resumption.restarted,
        )
