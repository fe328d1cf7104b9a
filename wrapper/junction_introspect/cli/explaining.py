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
from junction_introspect.cli.notices import Notices
from junction_introspect.cli.options import Format
from junction_introspect.cli.plain_text import counted, shown
from junction_introspect.cli.records import writer
from junction_introspect.cli.sheet import Paragraphs
from junction_introspect.cli.source import client
from junction_introspect.cli.streams import take_any_text
from junction_introspect.tracking import Diagnosis, explain, headline
from junction_introspect.tracking.headlines import name_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from junction_introspect import Connection, InvalidRecord

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
def explain_command(
    *,
    user_ids: Annotated[
        list[str],
        typer.Argument(metavar="USER_ID...", help="The users; - reads ids from standard input."),
    ],
    provider: Annotated[
        str | None,
        typer.Option(
            autocompletion=options.completing("PROVIDER_VALUES"),
            help="Explain only this provider.",
        ),
    ] = None,
    resource: Annotated[
        list[str] | None,
        typer.Option(
            autocompletion=options.completing("RESOURCE_VALUES"),
            help="Explain only this resource; may be repeated.",
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
    unlisted: options.Unlisted = False,
    requests_per_second: Annotated[
        float | None, typer.Option(min=0.001, help="Send at most this many requests per second.")
    ] = None,
    show: options.Show = Format.TABLE,
    profile: options.ProfileName = None,
    environment: options.Environment = None,
    base_url: options.BaseUrl = None,
    verbose: options.Verbose = False,
) -> int:
    """Explain why a user has no data.

    Fetches the user's connections, backfills and data, and combines them into one answer per
    provider, problems first: what is wrong, whose turn it is, and what to do. Exits with 0 only if
    nobody has to act, and with 1 otherwise. Several users are fetched one after another.
    """
    known = options.listed_provider(provider, unlisted=unlisted)
    resources = options.listed_resources(resource, unlisted=unlisted)
    take_any_text(sys.stdout, exact=show is not Format.TABLE)
    notices = Notices(sys.stderr)
    out: _Output = (
        _Words(sys.stdout, everything=everything)
        if show is Format.TABLE
        else _Records(sys.stdout, show, personal=show_personal)
    )
    status = exits.DONE
    with client(
        notices, profile, environment, base_url, verbose=verbose, per_second=requests_per_second
    ) as junction:
        ids = list(_ids(user_ids))
        for user_id in ids:
            invalid = _Invalid(notices)
            connections: list[Connection] = []
            try:
                diagnoses = explain(
                    junction,
                    user_id,
                    provider=known,
                    on_invalid=invalid,
                    on_connection=connections.append if show_personal else None,
                )
            except APIError as error:
                error.cursor = None  # no listing to resume
                if len(ids) == 1 and not isinstance(error, NotFoundError):
                    raise
                notices.tell(_failure(error, user_id if len(ids) > 1 else None))
                status = max(status, exits.status_of(error))
                continue
            found = [
                each for each in diagnoses if not resources or each.resource in {None, *resources}
            ]
            out.add(user_id, found, {each.provider: each for each in connections})
            if invalid.found:
                status = max(status, exits.BROKEN_RESPONSE)
            elif any(each.turn != "nobody" for each in found):
                status = max(status, exits.FOUND)
        out.end()
    return status


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


class _Invalid:
    """Reports each record that cannot be read."""

    def __init__(self, notices: Notices) -> None:
        self._notices = notices
        self.found = False

    def __call__(self, record: InvalidRecord) -> None:
        self.found = True
        self._notices.left_out(record)


class _Output(Protocol):
    def add(
        self, user_id: UUID, diagnoses: Sequence[Diagnosis], connections: Mapping[str, Connection]
    ) -> None: ...

    def end(self) -> None: ...


class _Words:
    """Shows diagnoses to a person: a headline, then provider by provider."""

    def __init__(self, out: IO[str], *, everything: bool) -> None:
        self._paragraphs = Paragraphs(out)
        self._everything = everything

    def add(
        self, user_id: UUID, diagnoses: Sequence[Diagnosis], connections: Mapping[str, Connection]
    ) -> None:
        """Show one user."""
        first = headline(diagnoses)
        self._paragraphs.write(
            Text.assemble((f"{user_id}: ", "bold"), (f"{first[0].upper()}{first[1:]}.", "bold"))
        )
        for provider, of_provider in groupby(diagnoses, key=lambda each: each.provider):
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

    def __init__(self, out: IO[str], format_: Format, *, personal: bool) -> None:
        self._out = out
        self._personal = _PERSONAL if personal else ()
        self._flat = format_ is Format.CSV
        self._records = writer(format_, out, (*_FIELDS, *self._personal))

    def add(
        self, user_id: UUID, diagnoses: Sequence[Diagnosis], connections: Mapping[str, Connection]
    ) -> None:
        """Write one user's diagnoses."""
        for each in diagnoses:
            record: dict[str, Any] = {
                name: msgspec.to_builtins(getattr(each, name)) for name in _FIELDS
            }
            record["user_id"] = str(user_id)
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
