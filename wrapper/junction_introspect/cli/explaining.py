"""The command `explain`."""

from __future__ import annotations

import sys
from itertools import groupby
from typing import IO, TYPE_CHECKING, Annotated, Any, Final, Protocol
from uuid import UUID

import attrs
import msgspec
import typer
from rich.text import Text

from junction_introspect import APIError, NotFoundError
from junction_introspect.cli import exits, options
from junction_introspect.cli.app import app
from junction_introspect.cli.filters import Filters
from junction_introspect.cli.notices import Notices
from junction_introspect.cli.options import Format
from junction_introspect.cli.plain_text import counted, shown
from junction_introspect.cli.reading import with_options
from junction_introspect.cli.records import TEAM, writer
from junction_introspect.cli.sheet import Paragraphs
from junction_introspect.cli.source import Api
from junction_introspect.cli.stored import Explained, explained, opened, teams_of
from junction_introspect.cli.streams import take_any_text
from junction_introspect.operations.historical_pulls import HISTORICAL_PULLS
from junction_introspect.operations.resources import RESOURCES
from junction_introspect.tracking import Diagnosis, explain, headline
from junction_introspect.tracking.text import name_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from junction_introspect import Connection, Junction
    from junction_introspect.store import Store

_FIELDS: Final = tuple(field.name for field in attrs.fields(Diagnosis))
_PERSONAL: Final = ("external_user_id", "error_message")
_COLOURS: Final = {"nobody": "green", "unknown": "yellow"}
_TURNS: Final = {
    "user": "the user's turn",
    "team": "your turn",
    "junction": "Junction's turn",
    "unknown": "nobody can tell whose turn",
    "nobody": "nobody's turn",
}


@app.command("explain")
@with_options(without={"user_id", "status", "error"})
def explain_command(
    *,
    user_ids: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="USER_ID...",
            help="The users; - reads ids from standard input. With --from: by default all.",
        ),
    ] = None,
    filters: Filters,
    everything: Annotated[
        bool, typer.Option("--all", help="Also show a line for each resource without problems.")
    ] = False,
    show_personal: Annotated[
        bool,
        typer.Option(
            "--show-personal",
            help="Show the user's id at the provider and the connection's error message.",
        ),
    ] = False,
    requests_per_second: Annotated[
        float | None, typer.Option(min=0.001, help="Send at most this many requests per second.")
    ] = None,
    show: options.Show = Format.TABLE,
    store: options.FromStore = None,
    api: Api,
) -> int:
    """Explain why a user has no data.

    Fetches the user's connections, backfills and data, and combines them into one answer per
    provider, problems first: what is wrong, whose turn it is, and what to do. Exits with 0 only if
    nobody has to act, and with 1 otherwise. Several users are fetched one after another. A store
    (--from) has no connections, so the answers from one do not consider them, and each says so.
    """
    take_any_text(sys.stdout, exact=show is not Format.TABLE)
    notices = Notices(sys.stderr)

    def out(teams: Sequence[str] | None) -> _Output:
        if show is Format.TABLE:
            return _Words(sys.stdout, teams, everything=everything)
        return _Records(sys.stdout, show, teams, personal=show_personal)

    if store is not None:
        if show_personal or requests_per_second is not None or api.chosen:
            raise typer.BadParameter(
                "--from cannot be combined with --show-personal, --requests-per-second,"
                " --profile, --environment or --base-url"
            )
        with opened(store) as of:
            return _explain_stored(of, filters, user_ids, notices, out)
    if filters.team is not None:
        raise typer.BadParameter("--team works only with --from")
    if not user_ids:
        raise typer.BadParameter("give at least one, or a store with --from", param_hint="USER_ID")
    with api.client(notices, requests_per_second) as junction:
        return _explain_listed(
            junction, filters, list(_ids(user_ids)), notices, out(None), personal=show_personal
        )


def _explain_listed(
    junction: Junction,
    filters: Filters,
    ids: Sequence[UUID],
    notices: Notices,
    out: _Output,
    *,
    personal: bool,
) -> int:
    status = exits.DONE
    for user_id in ids:
        connections: list[Connection] = []
        try:
            diagnoses = explain(
                junction,
                user_id,
                provider=filters.provider,
                on_invalid=notices.left_out,
                on_connection=connections.append if personal else None,
            )
        except APIError as error:
            error.cursor = None  # no listing to resume
            if len(ids) == 1 and not isinstance(error, NotFoundError):
                raise
            notices.tell(_failure(error, user_id if len(ids) > 1 else None))
            status = max(status, exits.status_of(error))
            continue
        wanted = {None, *filters.resources}
        found = [each for each in diagnoses if not filters.resources or each.resource in wanted]
        out.add(Explained(None, user_id, found), {each.provider: each for each in connections})
        if _somebody_has_to_act(found):
            status = max(status, exits.FOUND)
    out.end()
    return max(status, notices.status)


def _explain_stored(
    store: Store,
    filters: Filters,
    user_ids: Sequence[str] | None,
    notices: Notices,
    output: Callable[[Sequence[str]], _Output],
) -> int:
    teams = teams_of(store, filters, HISTORICAL_PULLS, RESOURCES)
    notices.progress_of(0, "row")
    out = output(list(teams))
    status = exits.DONE
    ids: Iterable[UUID | None] = _ids(user_ids) if user_ids else [None]
    for found in explained(store, teams, filters, ids, notices):
        notices.clear()
        if isinstance(found, UUID):
            notices.tell(f"{found}: {store.path} has no such rows of this user")
            status = max(status, exits.UNUSABLE)
            continue
        out.add(found, {})
        if _somebody_has_to_act(found.diagnoses):
            status = max(status, exits.FOUND)
    notices.clear()
    out.end()
    return status


def _somebody_has_to_act(diagnoses: Iterable[Diagnosis]) -> bool:
    return any(each.turn != "nobody" for each in diagnoses)


def _ids(given: Sequence[str]) -> Iterator[UUID]:
    """Yield the ids that were given; ``-`` stands for those on standard input.

    Raises:
        typer.BadParameter: One is not a UUID.
    """
    for name in given:
        if name != "-":
            yield _id(name, "")
            continue
        for number, line in enumerate(sys.stdin, 1):
            if line.strip():
                yield _id(line.strip(), f"line {number} of standard input: ")


def _id(text: str, where: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise typer.BadParameter(f"{where}{shown(text)} is not a UUID") from None


def _failure(error: APIError, user_id: UUID | None) -> str:
    who = "" if user_id is None else f"{user_id}: "
    if isinstance(error, NotFoundError):
        return f"{who}the API does not know this user; is the environment the right one?"
    return f"{who}{exits.sentence(error)}"


class _Output(Protocol):
    def add(self, found: Explained, connections: Mapping[str, Connection]) -> None: ...

    def end(self) -> None: ...


class _Words:
    """Shows diagnoses to a person: a headline, then provider by provider."""

    def __init__(self, out: IO[str], teams: Sequence[str] | None, *, everything: bool) -> None:
        self._several = len(teams or ()) > 1
        self._paragraphs = Paragraphs(out)
        self._everything = everything

    def add(self, found: Explained, connections: Mapping[str, Connection]) -> None:
        """Show one user."""
        first = headline(found.diagnoses)
        team = f"team {shown(found.team)}, " if found.team and self._several else ""
        self._paragraphs.write(
            Text(f"{team}{found.user_id}: {first[0].upper()}{first[1:]}.", "bold")
        )
        for provider, of_provider in groupby(found.diagnoses, key=lambda each: each.provider):
            self._provider(provider, list(of_provider), connections.get(provider))
        self._paragraphs.end()

    def _provider(
        self, provider: str, diagnoses: list[Diagnosis], connection: Connection | None
    ) -> None:
        self._paragraphs.write(Text(name_of(provider), "bold"))
        for label, value in _personal(connection):
            self._paragraphs.write(Text(f"{label}: {shown(value)}"), indent=2)
        well = [] if self._everything else [each for each in diagnoses if each.turn == "nobody"]
        for each in diagnoses:
            if each not in well:
                self._paragraphs.write(_line(each), indent=2, hanging=2)
        if well:
            names = ", ".join(shown(each.resource or "the connection") for each in well)
            self._paragraphs.write(
                Text.assemble(("well: ", "green"), f"{counted(len(well), 'resource')}: {names}"),
                indent=2,
                hanging=2,
            )

    def end(self) -> None:
        """Do nothing: every user has been shown completely."""


def _line(diagnosis: Diagnosis) -> Text:
    colour = _COLOURS.get(diagnosis.turn, "red")
    parts = [
        Text(shown(diagnosis.resource or "the connection"), "bold"),
        Text(f" ({_TURNS[diagnosis.turn]}): ", colour),
        Text(f"{diagnosis.explanation} {diagnosis.advice}"),
    ]
    if diagnosis.trace_id is not None and diagnosis.turn in {"junction", "team"}:
        parts.append(Text(f" Trace id: {shown(diagnosis.trace_id)}."))
    parts += [Text(f" But {shown(each)}", "yellow") for each in diagnosis.contradictions]
    return Text.assemble(*parts)


def _personal(connection: Connection | None) -> Iterator[tuple[str, str]]:
    if connection is not None:
        for name in _PERSONAL:
            if value := getattr(connection, name):
                yield name.replace("_", " "), value


class _Records:
    """Writes diagnoses for a program: one record per diagnosis."""

    def __init__(
        self, out: IO[str], format_: Format, teams: Sequence[str] | None, *, personal: bool
    ) -> None:
        self._out = out
        self._personal = _PERSONAL if personal else ()
        self._flat = format_ is Format.CSV
        team = () if teams is None else (TEAM,)
        self._records = writer(format_, out, (*team, *_FIELDS, *self._personal))

    def add(self, found: Explained, connections: Mapping[str, Connection]) -> None:
        """Write one user's diagnoses."""
        for each in found.diagnoses:
            record: dict[str, Any] = {} if found.team is None else {TEAM: found.team}
            record |= {name: msgspec.to_builtins(getattr(each, name)) for name in _FIELDS}
            record["user_id"] = str(found.user_id)
            if self._flat:
                record["evidence"] = msgspec.json.encode(record["evidence"]).decode()
                record["contradictions"] = " ".join(record["contradictions"])
            connection = connections.get(each.provider)
            for name in self._personal:
                record[name] = getattr(connection, name, None)
            self._records.add(record)
        self._out.flush()

    def end(self) -> None:
        """Close the records."""
        self._records.end()
        self._out.flush()
