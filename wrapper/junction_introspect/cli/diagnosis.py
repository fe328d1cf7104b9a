"""What `doctor` makes of the set-up and of an answer: what is wrong, and what to do about it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

import httpx

from junction_introspect import (
    APIConnectionError,
    APIError,
    APIStatusError,
    APITimeoutError,
    AuthenticationError,
    ConfigurationError,
    Environment,
    InternalServerError,
    NotFoundError,
    PaginationError,
    PermissionDeniedError,
    RateLimitError,
    ResponseDecodeError,
    ResponseTooLargeError,
    UnprocessableEntityError,
)
from junction_introspect._http.credentials import Secret, checked
from junction_introspect.cli import checks, exits
from junction_introspect.cli.plain_text import counted
from junction_introspect.environments import environment_of_key, is_quoted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from junction_introspect import Drift, Page
    from junction_introspect.cli.checks import Check

_REQUIREMENT: Final = re.compile(r"([\w.-]+)(?:\[([\w,.-]+)\])?.*?;.*\bextra\s*==\s*['\"]([\w-]+)")

_SUPPORT: Final = "try again later; where it stays, tell Junction's support"


def versions(packages: Mapping[str, str], extras: Iterable[str]) -> Check:
    """Tell which versions run.

    Args:
        packages: Their versions by name.
        extras: The extras that are installed.
    """
    told = ", ".join(f"{name} {version}" for name, version in packages.items())
    return checks.ok("versions", f"{told}; extras: {', '.join(extras) or 'none'}")


def installed_extras(
    requirements: Iterable[str], is_installed: Callable[[str], bool]
) -> tuple[str, ...]:
    """Return the extras of which everything is installed, in alphabetical order.

    Args:
        requirements: The package's, as its metadata has them; one may name other extras of it.
        is_installed: Tells whether there is a package of a name.
    """
    needed: dict[str, set[str]] = {}
    includes: dict[str, set[str]] = {}
    for requirement in requirements:
        if match := _REQUIREMENT.match(requirement):
            package, others, extra = match.groups()
            needed.setdefault(extra, set()).add(package)
            if package == "junction-introspect":
                includes.setdefault(extra, set()).update((others or "").split(","))

    def whole(extra: str) -> bool:
        return all(map(is_installed, needed.get(extra, ()))) and all(
            map(whole, includes.get(extra, ()))
        )

    return tuple(sorted(filter(whole, needed)))


def credential(key: Secret | None) -> Check:
    """Judge the key, of which nothing but its prefix is told.

    Args:
        key: What JUNCTION_API_KEY holds; None where it is not set.
    """
    name = "credential"
    if key is None:
        return checks.wrong(
            name,
            ConfigurationError(),
            "JUNCTION_API_KEY is not set",
            "export JUNCTION_API_KEY=..., with a team API key from Junction's dashboard",
        )
    try:
        checked(key, "api_key")
    except ConfigurationError as error:
        return checks.wrong(
            name, error, exits.sentence(error), "copy the key again, without quotes or line breaks"
        )
    if is_quoted(key.reveal()):
        return checks.wrong(
            name,
            ConfigurationError(),
            "JUNCTION_API_KEY was pasted with its quotes",
            "take them away",
        )
    environment = environment_of_key(key.reveal())
    if environment is None:
        return checks.ok(
            name, "JUNCTION_API_KEY holds a key, of no prefix that tells an environment"
        )
    return checks.ok(
        name, f"JUNCTION_API_KEY holds a key of {environment} ({environment.key_prefix}...)"
    )


def address(url: httpx.URL, source: str, key: Secret | None) -> Check:
    """Judge an address that the client accepts.

    Args:
        url: The address.
        source: Where it comes from.
        key: The key, if there is one.
    """
    name = "address"
    found = f"{url}, by {source}"
    environment = next((each for each in Environment if httpx.URL(each.base_url) == url), None)
    if environment is None:
        return checks.ok(name, f"{found}; none of Junction's own")
    if key is not None and environment_of_key(key.reveal()) is None:
        return checks.look(
            name,
            f"{found}, which is {environment}; the key does not tell whether it belongs there",
            f"see that it is one of {environment}, whose keys begin with {environment.key_prefix}",
        )
    return checks.ok(name, f"{found}, which is {environment}")


def no_address(error: ConfigurationError) -> Check:
    """Judge an address that the client refuses."""
    return checks.wrong(
        "address",
        error,
        exits.sentence(error),
        "see --environment, --base-url, JUNCTION_ENVIRONMENT and JUNCTION_BASE_URL; a key's prefix"
        " tells its environment",
    )


def answered() -> Check:
    """Return the check of a credential that was accepted."""
    return checks.ok("answer", "the credential is accepted")


def refused(error: APIError) -> Check:
    """Judge a request with the credential that brought no response to decode."""
    return checks.wrong("answer", error, str(error), _advice(error))


def undecodable(error: APIError) -> Check:
    """Judge a response that is no page."""
    return checks.wrong("response", error, str(error), _advice(error))


def decoded(page: Page[Any]) -> Check:
    """Judge a page of one user. Nothing of the user is told."""
    if not page.invalid:
        return checks.ok("response", f"a page of {counted(len(page.data), 'user')}, as specified")
    record = page.invalid[0]
    return checks.wrong(
        "response",
        ResponseDecodeError(""),
        f"a record is not what the specification promises: {record.reason} at {record.path}",
        "upgrade junction-introspect, or pass on_invalid= to receive such records apart",
    )


def specification(drift: Drift) -> Check:
    """Judge what a page held beyond the specification."""
    name = "specification"
    if not drift:
        return checks.ok(name, f"{drift.spec_version}, and the response holds nothing beyond it")
    return checks.look(name, str(drift), "upgrade junction-introspect, or regenerate it: make bump")


# The first that fits counts.
_ADVICE: Final[tuple[tuple[type[APIError], str], ...]] = (
    (AuthenticationError, "see that the key is whole and of this environment, or create another"),
    (PermissionDeniedError, "ask whoever owns the team whether this key may introspect"),
    (NotFoundError, "correct the base URL: it ends before /v2"),
    (UnprocessableEntityError, "upgrade junction-introspect: the API no longer takes its requests"),
    (RateLimitError, "send less at a time, and try again after the pause it asks for"),
    (InternalServerError, _SUPPORT),
    (APIStatusError, "see that the base URL is that of the API, and that no proxy interferes"),
    (APITimeoutError, "try again; where it stays, see whether a proxy holds answers back"),
    (APIConnectionError, "try again; where it stays, see whether a proxy interferes"),
    (ResponseTooLargeError, "see that the base URL is that of the API"),
    (PaginationError, "tell Junction's support: the API breaks its own paging"),
)


def _advice(error: APIError) -> str:
    if isinstance(error, ResponseDecodeError):
        if error.well_formed:
            return "upgrade junction-introspect, or regenerate it: make bump"
        return "see that the base URL is that of the API; a captive portal answers so as well"
    return next((advice for kind, advice in _ADVICE if isinstance(error, kind)), _SUPPORT)
