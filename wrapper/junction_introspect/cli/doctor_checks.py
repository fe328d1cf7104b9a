"""Judges the set-up and the API's answer for `doctor`: what is wrong, and what to do about it."""

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
from junction_introspect._texts import counted
from junction_introspect.cli import checks, exits
from junction_introspect.environments import environment_of_key, is_quoted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from junction_introspect import Drift, Page
    from junction_introspect.cli.checks import Check

_REQUIREMENT: Final = re.compile(r"([\w.-]+)(?:\[([\w,.-]+)\])?.*?;.*\bextra\s*==\s*['\"]([\w-]+)")

_SUPPORT: Final = "try again later; if it persists, contact Junction's support"


def versions(packages: Mapping[str, str], extras: Iterable[str]) -> Check:
    """Report the versions in use.

    Args:
        packages: Versions by package name.
        extras: The extras that are installed.
    """
    parts = ", ".join(f"{name} {version}" for name, version in packages.items())
    return checks.ok("versions", f"{parts}; extras: {', '.join(extras) or 'none'}")


def installed_extras(
    requirements: Iterable[str], is_installed: Callable[[str], bool]
) -> tuple[str, ...]:
    """Return the extras that are completely installed, in alphabetical order.

    Args:
        requirements: The package's requirements, from its metadata. A requirement may be another
            extra of the same package.
        is_installed: Returns whether the package with a given name is installed.
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


def credential(key: Secret | None, place: str) -> Check:
    """Judge the key. Only its prefix is shown.

    Args:
        key: The key; None if JUNCTION_API_KEY is not set.
        place: Where it is, in words.
    """
    name = "credential"
    if key is None:
        return checks.wrong(
            name,
            ConfigurationError(),
            "JUNCTION_API_KEY is not set",
            "export JUNCTION_API_KEY=..., with a team API key from Junction's dashboard, or choose"
            " a profile with --profile",
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
            "remove the quotes",
        )
    environment = environment_of_key(key.reveal())
    if environment is None:
        return checks.ok(name, f"{place} holds a key; its prefix does not name an environment")
    return checks.ok(name, f"{place} holds a key for {environment} ({environment.key_prefix}...)")


def address(url: httpx.URL, source: str, key: Secret | None) -> Check:
    """Judge an address that the client accepts.

    Args:
        url: The address.
        source: Which option, variable or key prefix it comes from.
        key: The key, if there is one.
    """
    name = "address"
    found = f"{url}, from {source}"
    environment = next((each for each in Environment if httpx.URL(each.base_url) == url), None)
    if environment is None:
        return checks.ok(name, f"{found}; not one of Junction's addresses")
    if key is not None and environment_of_key(key.reveal()) is None:
        return checks.look(
            name,
            f"{found}, which is {environment}; the key's prefix does not say whether it fits",
            f"check that it is a key for {environment}; those begin with {environment.key_prefix}",
        )
    return checks.ok(name, f"{found}, which is {environment}")


def failed(name: str, error: APIError) -> Check:
    """Judge a request with the credential that got no response, or one that is not a page.

    Args:
        name: ``"answer"`` or ``"response"``.
        error: The error.
    """
    return checks.wrong(name, error, str(error), _advice(error))


def decoded(page: Page[Any]) -> Check:
    """Judge a page of one user. Nothing about the user is shown."""
    if not page.invalid:
        return checks.ok("response", f"a page of {counted(len(page.data), 'user')}, as specified")
    record = page.invalid[0]
    return checks.wrong(
        "response",
        ResponseDecodeError(""),
        f"a record does not match the specification: {record.reason} at {record.path}",
        "upgrade junction-introspect; until then, such records are left out and reported",
    )


def specification(drift: Drift) -> Check:
    """Judge the values and fields of a page that the specification does not list."""
    name = "specification"
    if not drift:
        return checks.ok(name, f"{drift.spec_version}; it lists everything in the response")
    return checks.look(name, str(drift), "upgrade junction-introspect, or regenerate it: make bump")


# The first class that matches decides.
_ADVICE: Final[tuple[tuple[type[APIError], str], ...]] = (
    (AuthenticationError, "check that the key is complete and for this environment, or create one"),
    (PermissionDeniedError, "ask the team's owner whether this key may introspect"),
    (NotFoundError, "correct the base URL: it must end before /v2"),
    (UnprocessableEntityError, "upgrade junction-introspect: the API no longer takes its requests"),
    (RateLimitError, "send fewer requests, and try again after the pause the API asks for"),
    (InternalServerError, _SUPPORT),
    (APIStatusError, "check that the base URL is the API's, and that no proxy interferes"),
    (APITimeoutError, "try again; if it persists, check whether a proxy delays responses"),
    (APIConnectionError, "try again; if it persists, check whether a proxy interferes"),
    (ResponseTooLargeError, "check that the base URL is the API's"),
    (PaginationError, "contact Junction's support: the API's pagination is broken"),
)


def _advice(error: APIError) -> str:
    if isinstance(error, ResponseDecodeError):
        if error.well_formed:
            return "upgrade junction-introspect, or regenerate it: make bump"
        return "check that the base URL is the API's; a captive portal may also answer like this"
    return next((advice for kind, advice in _ADVICE if isinstance(error, kind)), _SUPPORT)
