"""The command `doctor`."""

from __future__ import annotations

import os
import platform
import time
from importlib import metadata
from typing import TYPE_CHECKING, Any, Final

import httpx

from junction_api import SPEC_VERSION
from junction_introspect import (
    APIConnectionError,
    APIError,
    APIStatusError,
    ConfigurationError,
    Environment,
    Junction,
    PaginationError,
    Transport,
    __version__,
)
from junction_introspect._http.configuration import (
    KEY_VARIABLE,
    configure,
    transport_by_variables,
)
from junction_introspect._http.credentials import hidden
from junction_introspect._http.deadlines import within
from junction_introspect._http.session import forget_location
from junction_introspect.cli import checks, config, doctor_checks, doctor_network, exits, options
from junction_introspect.cli.app import app
from junction_introspect.cli.checks import Check, skipped
from junction_introspect.cli.option_groups import with_options
from junction_introspect.cli.source import Api
from junction_introspect.operations.historical_pulls import HISTORICAL_PULLS
from junction_introspect.teams.keys import described

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from junction_introspect import InvalidRecord
    from junction_introspect._http.credentials import Secret
    from junction_introspect.cli.settings import Settings

# The checks that need an address, a server that answers, and a credential as well.
_ASKING: Final = ("answer", "response", "specification")
_REACHING: Final = ("reachability", "clock", *_ASKING)
_CONNECTING: Final = ("credential", "address", "network", *_REACHING)

# Seconds that each of the two requests may take.
_TIMEOUT: Final = 15.0

_REQUEST: Final = HISTORICAL_PULLS.request(user_limit=1)


@app.command()
@with_options(without={"verbose"})
def doctor(
    *,
    show: checks.Show = "table",
    api: Api,
    verbose: options.Traceback = False,  # noqa: ARG001 - `running.run` reads it
) -> int:
    """Check key, address, network, clock.

    Sends two requests: one without the key, and one for a page of one user, which it compares with
    the specification. Nothing about the user is shown.
    """
    return checks.show(examine(api), show)


def examine(api: Api) -> Iterator[Check]:
    """Make the checks one by one, and yield each when it is made."""
    yield _versions()
    try:
        found = api.settings()
    except ConfigurationError as error:
        advice = "junction-introspect profiles lists and checks the profiles"
        yield checks.wrong("profile", error, str(error), advice)
        yield from _all_skipped(_CONNECTING, "there is no profile")
        return
    chosen = "none: without --profile, and JUNCTION_PROFILE is not set"
    if found.profile is not None:
        chosen = f"{found.profile}, from {found.profile_from}"
    yield checks.ok("profile", chosen)
    key, credential = _credential(found)
    yield credential
    check, url = _address(key, found)
    yield check
    network = doctor_network.network(os.environ, _refused_settings(url))
    yield network
    if url is None or network.mark == "wrong":
        reason = "there is no address" if url is None else "the network settings are wrong"
        yield from _all_skipped(_REACHING, reason)
        return
    reachability, date = _reach(url)
    yield reachability
    unreached = reachability.mark == "wrong"
    yield skipped("clock", "no answer came") if unreached else doctor_network.clock(date, now())
    if key is None or unreached:
        reason = "nothing answers" if unreached else "there is no credential"
        yield from _all_skipped(_ASKING, reason)
        return
    yield from _ask(key, found)


def _all_skipped(names: Iterable[str], reason: str) -> Iterator[Check]:
    return (skipped(name, reason) for name in names)


def _versions() -> Check:
    packages = {
        "junction-introspect": __version__,
        "specification": SPEC_VERSION,
        "Python": platform.python_version(),
        httpx.__name__: httpx.__version__,
    }
    try:
        requirements = metadata.requires("junction-introspect") or []
    except metadata.PackageNotFoundError:  # run from source, not installed
        requirements = []
    return doctor_checks.versions(
        packages, doctor_checks.installed_extras(requirements, _is_installed)
    )


def _is_installed(package: str) -> bool:
    try:
        metadata.distribution(package)
    except metadata.PackageNotFoundError:
        return False
    return True


def _credential(found: Settings) -> tuple[Secret | None, Check]:
    """Return the key, if it can be used, and what was found of it."""
    try:
        key = config.key_of(found)
    except ConfigurationError as error:
        advice = "correct the profile, or where its key is"
        return None, checks.wrong("credential", error, str(error), advice)
    if key is not None and found.key is not None:
        place = f"{described(found.key)}, from {found.key_from},"
        return key, checks.of_key(doctor_checks.credential(key, place), found.key)
    key = hidden(os.environ.get(KEY_VARIABLE) or None)
    check = doctor_checks.credential(key, KEY_VARIABLE)
    return (None if check.mark == "wrong" else key), check


def _address(key: Secret | None, found: Settings) -> tuple[Check, httpx.URL | None]:
    if key is None and found.address_from is None:
        return skipped("address", "there is no key whose prefix names an environment"), None
    try:
        url, _ = configure(
            api_key=key,
            # Without a key, the address can still be found; nothing is sent with this token.
            access_token=None if key else hidden("none"),
            environment=found.environment,
            base_url=found.base_url,
            environ={},
        )
    except ConfigurationError as error:
        advice = (
            "check --environment, --base-url, JUNCTION_ENVIRONMENT and JUNCTION_BASE_URL; a key's"
            " prefix names its environment"
        )
        return checks.wrong("address", error, exits.sentence(error), advice), None
    return doctor_checks.address(url, found.address_from or "the key's prefix", key), url


def _refused_settings(url: httpx.URL | None) -> Exception | None:
    try:
        _http(url or httpx.URL(Environment.PRODUCTION.base_url)).close()
    except (ImportError, OSError, ValueError) as error:
        return error
    return None


def _reach(url: httpx.URL) -> tuple[Check, str | None]:
    """Send a request without a credential, and read only the headers of the response."""
    until = time.monotonic() + _TIMEOUT
    with _http(url) as http:
        try:
            with (
                within(lambda: until - time.monotonic()),
                http.stream(**_REQUEST) as response,
            ):
                headers = response.headers
                check = doctor_network.reached(
                    response.status_code, headers.get("content-type", "")
                )
                return check, headers.get("date")
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            return doctor_network.unreachable(error), None


def now() -> float:
    """Return the time, in seconds since the epoch."""
    return time.time()


def _http(url: httpx.URL) -> httpx.Client:
    return httpx.Client(
        base_url=url,
        timeout=_TIMEOUT,
        transport=transport_by_variables(Transport, url),
        event_hooks={"response": [forget_location]},
    )


def _ask(key: Secret, found: Settings) -> Iterator[Check]:
    """Send a request for a page of one user, and judge the result."""
    invalid: list[InvalidRecord] = []
    arguments: dict[str, Any] = {**config.arguments(found), "api_key": key}
    with Junction(**arguments, max_retries=0, deadline=_TIMEOUT) as junction:
        listing = junction.historical_pulls(user_limit=1, on_invalid=invalid.append)
        try:
            page = next(listing.pages())
        except (APIConnectionError, APIStatusError) as error:
            yield doctor_checks.failed("answer", error)
            yield from _all_skipped(("response", "specification"), "there is no response")
            return
        except APIError as error:
            request_id, response = error.request_id, doctor_checks.failed("response", error)
            decoded = isinstance(error, PaginationError)
        else:
            request_id, response, decoded = page.request_id, doctor_checks.decoded(page), True
        said = "" if request_id is None else f" (request id {request_id})"
        yield checks.ok("answer", f"the credential is not refused{said}")
        yield response
        if decoded:
            yield doctor_checks.specification(junction.drift)
        else:
            yield skipped("specification", "the response cannot be decoded")
