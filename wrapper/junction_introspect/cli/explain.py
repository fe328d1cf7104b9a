"""The command `explain`."""

from __future__ import annotations

import sys
from itertools import groupby
from typing import TYPE_CHECKING, Annotated, Any, Final, NamedTuple, TypeAlias
from uuid import UUID

import attrs
import msgspec
import typer
from rich.text import Text

from junction_introspect import APIError, NotFoundError
from junction_introspect._texts import counted
from junction_introspect.cli import exits, options
from junction_introspect.cli.app import app
from junction_introspect.cli.notices import Notices
from junction_introspect.cli.option_groups import with_options
from junction_introspect.cli.options import Format
from junction_introspect.cli.plain_text import shown
from junction_introspect.cli.records import Recorded
from junction_introspect.cli.sheet import Paragraphs
from junction_introspect.cli.showing import Output, Shown, show
from junction_introspect.cli.source import Source
from junction_introspect.cli.stored import diagnosed, teams_of
from junction_introspect.operations.historical_pulls import HISTORICAL_PULLS
from junction_introspect.operations.resources import RESOURCES
from junction_introspect.tracking import Diagnosis, explain, headline
from junction_introspect.tracking.text import name_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from junction_introspect import Connection, InvalidRecord, Junction
    from junction_introspect.cli.filters import Filters
    from junction_introspect.store import Store

_FIELDS: Final = tuple(field.name for field in attrs.fields(Diagnosis))
_PERSONAL: Final = ("external_user_id", "error_message")
_COLOURS: Final = {"nobody": "green", "unknown": "yellow"}
_NOT_KNOWN: Final = "the API does not know this user; is the environment the right one?"
_INCOMPLETE: Final = "This may be wrong: some records about this user could not be read."
# What a line says of resources with a verdict for which it is nobody's turn.
_FOLDED: Final = {"receiving": "well", "not_pulled": "not pulled", "not_available": "not available"}
_TURNS: Final = {
    "user": "the user's turn",
    "team": "your turn",
    "junction": "Junction's turn",
    "unknown": "nobody can tell whose turn",
    "nobody": "nobody's turn",
}


class _Explained(NamedTuple):
    """The diagnoses of a user.

    Attributes:
        user_id: The user.
        diagnoses: The diagnoses.
        connections: The connections to show with them, by their providers.
        complete: Whether every record about the user could be read.
    """

    user_id: UUID
    diagnoses: list[Diagnosis]
    connections: Mapping[str, Connection]
    complete: bool = True


# The answer about a user, and the user's team in a store.
_OfTeam: TypeAlias = tuple[_Explained, str | None]


@app.command("explain")
@with_options(without={"user_id", "status", "error", "cursor"})
def explain_command(
    *,
    user_ids: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="USER_ID...",
            help="The users; - reads ids from standard input. With --from: by default all.",
        ),
    ] = None,
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
    out: Output,
    source: Source,
) -> int:
    """Explain why a user has no data.

    Fetches the user's connections, backfills and data, and combines them into one answer per
    provider, problems first: what is wrong, whose turn it is, and what to do. Exits with 0 only if
    nobody has to act, and with 1 otherwise. Several users are fetched one after another. A store
    (--from) has no connections, so the answers from one do not consider them, and each says so.
    """
    out.prepare()
    notices = Notices(sys.stderr)
    ids = [*_ids(user_ids or ())]  # all of them are checked before anything is sent

    def answer(explained: Iterator[_OfTeam], teams: Sequence[str] | None = None) -> int:
        view: Shown[_Explained]
        if out.show is Format.TABLE:
            view = _Words(teams, everything=everything)
        else:
            view = _records(out, teams, personal=show_personal)
        show(_judged(explained, notices), view, notices)
        return notices.status

    if source.store is None:
        if not user_ids:
            raise typer.BadParameter(
                "give at least one, or a store with --from", param_hint="USER_ID"
            )
        with source.client(notices, requests_per_second) as junction:
            return answer(_listed(junction, source.filters, ids, notices, personal=show_personal))
    options.exclude(
        "--from",
        {"--show-personal": show_personal, "--requests-per-second": requests_per_second},
    )
    with source.opened() as store:
        teams = teams_of(store, source.filters, HISTORICAL_PULLS, RESOURCES)
        notices.progress_of(0, "row")
        of = ids if user_ids else [None]
        return answer(_stored(store, teams, source.filters, of, notices), list(teams))


def _judged(explained: Iterator[_OfTeam], notices: Notices) -> Iterator[_OfTeam]:
    """Yield answers. One that needs somebody decides the exit status."""
    for answer, team in explained:
        if not answer.diagnoses or any(each.turn != "nobody" for each in answer.diagnoses):
            notices.status = max(notices.status, exits.FOUND)
        yield answer, team


def _listed(
    junction: Junction, filters: Filters, ids: Sequence[UUID], notices: Notices, *, personal: bool
) -> Iterator[_OfTeam]:
    for user_id in ids:
        connections: list[Connection] = []
        invalid: list[InvalidRecord] = []
        try:
            found = explain(
                junction,
                user_id,
                provider=filters.provider,
                on_invalid=invalid.append,
                on_connection=connections.append if personal else None,
            )
        except APIError as error:
            error.cursor = None  # no listing to resume
            if len(ids) == 1 and not isinstance(error, NotFoundError):
                raise
            who = f"{user_id}: " if len(ids) > 1 else ""
            what = _NOT_KNOWN if isinstance(error, NotFoundError) else exits.sentence(error)
            notices.fail(f"{who}{what}", exits.status_of(error))
        else:
            for record in invalid:
                notices.left_out(record)
            wanted = {None, *(filters.resources or (each.resource for each in found))}
            kept = [each for each in found if each.resource in wanted]
            if found and not kept:
                names = " or ".join(sorted(filters.resources))
                notices.fail(f"{user_id}: the API says nothing about their {names}", exits.FOUND)
                continue
            by_provider = {each.provider: each for each in connections}
            yield _Explained(user_id, kept, by_provider, complete=not invalid), None


def _stored(
    store: Store,
    teams: Mapping[str, datetime],
    filters: Filters,
    ids: Sequence[UUID | None],
    notices: Notices,
) -> Iterator[_OfTeam]:
    for user_id in ids:
        missing = user_id is not None
        for team, user, diagnoses in diagnosed(store, teams, filters, user_id, notices):
            missing = False
            yield _Explained(user, diagnoses, {}), team
        if missing:
            reason = f"{user_id}: {store.path} has no such rows of this user"
            notices.fail(reason, exits.UNUSABLE)


def _ids(given: Sequence[str]) -> Iterator[UUID]:
    """Yield the ids that were given; ``-`` stands for those on standard input.

    Raises:
        typer.BadParameter: One is not a UUID.
    """
    for name in given:
        if name != "-":
            yield _id(name, "")
            continue
        for number, line in enumerate(sys.stdin or (), 1):
            if line.strip():
                yield _id(line, f"line {number} of standard input: ")


def _id(text: str, where: str) -> UUID:
    try:
        return UUID(text.strip())
    except ValueError:
        raise typer.BadParameter(f"{where}{shown(text.strip())} is not a UUID") from None


class _Words:
    """Shows diagnoses to a person: a headline, then provider by provider."""

    def __init__(self, teams: Sequence[str] | None, *, everything: bool) -> None:
        self._several = len(teams or ()) > 1
        self._paragraphs = Paragraphs(sys.stdout)
        self._everything = everything

    def add(self, answer: _Explained, team: str | None = None) -> None:
        """Show one user."""
        first = headline(answer.diagnoses)
        of_team = f"team {shown(team)}, " if team and self._several else ""
        self._paragraphs.write(
            Text(f"{of_team}{answer.user_id}: {first[0].upper()}{first[1:]}.", "bold")
        )
        if not answer.complete:
            self._paragraphs.write(Text(_INCOMPLETE, "yellow"))
        for provider, of_provider in groupby(answer.diagnoses, key=lambda each: each.provider):
            self._provider(provider, list(of_provider), answer.connections.get(provider))
        self._paragraphs.end()

    def _provider(
        self, provider: str, diagnoses: list[Diagnosis], connection: Connection | None
    ) -> None:
        self._paragraphs.write(Text(name_of(provider), "bold"))
        for name in _PERSONAL:
            if value := getattr(connection, name, None):
                self._paragraphs.write(Text(f"{name.replace('_', ' ')}: {shown(value)}"), indent=2)
        for verdict, group in groupby(diagnoses, key=lambda each: each.verdict):
            alike = list(group)
            if alike[0].turn != "nobody" or self._everything:
                lines = [_line(each) for each in alike]
            else:
                names = ", ".join(shown(each.resource or "") for each in alike)
                number = counted(len(alike), "resource")
                lines = [Text.assemble((f"{_FOLDED[verdict]}: ", "green"), f"{number}: {names}")]
            for line in lines:
                self._paragraphs.write(line, indent=2, hanging=2)

    def end(self, *, complete: bool = True) -> None:
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
    parts += [
        Text(f" But {each[0].lower()}{each[1:]}", "yellow") for each in diagnosis.contradictions
    ]
    return Text.assemble(*parts)


def _records(out: Output, teams: Sequence[str] | None, *, personal: bool) -> Recorded[_Explained]:
    """Return what shows diagnoses to a program: one record per diagnosis."""
    private = _PERSONAL if personal else ()

    def records(answer: _Explained) -> Iterator[dict[str, Any]]:
        for each in answer.diagnoses:
            record = {name: msgspec.to_builtins(getattr(each, name)) for name in _FIELDS}
            if out.show is Format.CSV:
                record["evidence"] = msgspec.json.encode(record["evidence"]).decode()
                record["contradictions"] = " ".join(record["contradictions"])
            connection = answer.connections.get(each.provider)
            yield {**record, **{name: getattr(connection, name, None) for name in private}}

    fields = (*_FIELDS, *private)
    return Recorded(sys.stdout, out.show, fields, records, csv_safe=out.csv_safe, teams=teams)
