"""Exit statuses, and the line that is printed for an error."""

from pathlib import Path

import pytest
import typer

from junction_introspect import errors
from junction_introspect._nearest import nearest
from junction_introspect.cli import exits

pytestmark = pytest.mark.any_specification

STATUSES = {
    1: [errors.BackfillTimeoutError],
    2: [typer.BadParameter],
    3: [errors.ConfigurationError, errors.StoreEnvironmentError],
    4: [errors.AuthenticationError, errors.PermissionDeniedError],
    5: [errors.APITimeoutError],
    6: [errors.RateLimitError],
    7: [errors.PaginationError],
    8: [errors.StoreWriteError, errors.ExportWriteError, exits.OutputError],
    9: [exits.PortError, errors.MissingExtraError, errors.ExportPackageError],
    10: [errors.StoreLockedError, errors.ExportDamagedError],
    70: [LookupError],
    130: [exits.ListingInterrupted],
    141: [BrokenPipeError],
}


@pytest.mark.parametrize("status", STATUSES)
def test_status_of_an_error_never_changes(status):
    assert {exits.status_of(kind.__new__(kind)) for kind in STATUSES[status]} == {status}
    assert exits.MEANINGS.keys() == {0, *STATUSES}


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (errors.APIConnectionError("gone"), "gone"),
        (
            errors.APIConnectionError("gone", cursor="-c 2\x1b"),
            r"gone; resume with --cursor='-c 2\x1b'",
        ),
        (exits.ListingInterrupted("c2"), "interrupted; resume with --cursor=c2"),
        (typer.BadParameter("one\n two"), "Invalid value: one two"),
        (OSError(28, "full"), "cannot write the output: full"),
        (OSError("closed"), "cannot write the output: closed"),
        (
            errors.ConfigurationError("pass environment= or base_url="),
            "pass --environment or --base-url",
        ),
        (errors.ConfigurationError("api_key is empty"), "JUNCTION_API_KEY is empty"),
        (errors.ConfigurationError("base_url is not a URL"), "the base URL is not a URL"),
        (errors.ConfigurationError("api_key is empty", path=Path("x")), "api_key is empty"),
        (
            errors.ConfigurationError("unknown environment 'sandboxeu'"),
            "unknown environment 'sandboxeu'; did you mean `SandboxEU`?",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else type(value).__name__,
)
@pytest.mark.parametrize("verbose", [False, True])
def test_error_is_one_line_in_the_words_of_the_command_line(error, line, verbose):
    assert list(exits.lines(error, verbose=verbose)) == [line]


def test_unforeseen_error_tells_the_innermost_place_in_this_package():
    def broken():
        yield "known"
        raise LookupError("what may be private")

    with pytest.raises(LookupError) as caught:
        nearest("value", broken())
    (line,) = exits.lines(caught.value, verbose=False)
    in_package = caught.traceback[1]
    assert line == (
        f"unforeseen error: LookupError at _nearest.py:{in_package.lineno + 1}; please report it,"
        " with the output of the same command with -v"
    )
    *trace, line = exits.lines(caught.value, verbose=True)
    assert (trace[0], trace[-1]) == (
        "Traceback (most recent call last):",
        "LookupError: what may be private",
    )
    assert line.endswith("; please report it")


def test_unforeseen_error_elsewhere_tells_the_innermost_place():
    with pytest.raises(LookupError) as caught:
        raise LookupError
    (line,) = exits.lines(caught.value, verbose=False)
    assert f"LookupError at test_exits.py:{caught.traceback[-1].lineno + 1};" in line
