"""Servers that misbehave, and a look at what every test leaves behind."""

import gc
import ssl
import threading
from contextlib import ExitStack
from pathlib import Path

import pytest
import stamina
import trustme
from stamina.instrumentation import set_on_retry_hooks

from tests.faults.behaviours import good
from tests.faults.expectations import ATTEMPTS, assert_clean, assert_usable, failure_of, users
from tests.faults.misbehaving import MisbehavingServer, in_turn
from tests.support.limits import LIMIT

_DESCRIPTORS = Path("/proc/self/fd")


@pytest.fixture(scope="session")
def strangers(tmp_path_factory):
    """An authority that certifies none of the servers."""
    file = tmp_path_factory.mktemp("authorities") / "strangers.pem"
    trustme.CA().cert_pem.write_to_path(file)
    return file


@pytest.fixture(autouse=True)
def _trusting_strangers(monkeypatch, strangers):
    # The authorities that httpx trusts otherwise take a client 20 ms to load, a thousand times.
    monkeypatch.setenv("SSL_CERT_FILE", str(strangers))


@pytest.fixture(autouse=True)
def _no_waits():
    with stamina.set_testing(True, attempts=ATTEMPTS, cap=True):
        yield


def descriptors():
    return list(_DESCRIPTORS.iterdir()) if _DESCRIPTORS.exists() else []


def threads():
    # trio keeps idle workers for the next that needs one.
    return {each for each in threading.enumerate() if not each.name.startswith("Trio thread")}


@pytest.fixture(autouse=True)
def _nothing_left_over(_trusting_strangers, _no_waits):
    """Set up first and so torn down last: clients and servers are closed by then."""
    before = len(descriptors()), threads()
    yield
    # anyio's workers end after the event loop that they worked for, which does not wait for them.
    for thread in threads() - before[1]:
        thread.join(LIMIT)
    if len(descriptors()) > before[0]:
        gc.collect()
    assert len(descriptors()) <= before[0]
    assert threads() <= before[1]


@pytest.fixture(scope="session")
def authority():
    return trustme.CA()


@pytest.fixture
def certified(authority):
    """Returns the TLS context of a server: `certified("127.0.0.1", not_after=…)`."""

    def issue(*names, **details):
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        authority.issue_cert(*names, **details).configure_cert(context)
        return context

    return issue


@pytest.fixture
def authority_file(authority, tmp_path):
    """The path of the authority's certificate."""
    file = tmp_path / "authority.pem"
    authority.cert_pem.write_to_path(file)
    return str(file)


@pytest.fixture
def _trusted(authority_file, monkeypatch):
    """Has clients trust the authority, as the environment of a company does."""
    monkeypatch.setenv("SSL_CERT_FILE", authority_file)


@pytest.fixture
def serve():
    """Opens a server that answers with behaviours in turn, and with the last one for ever."""
    with ExitStack() as stack:

        def open_server(*behaviours, tls=None):
            return stack.enter_context(MisbehavingServer(in_turn(*behaviours), tls=tls))

        yield open_server


@pytest.fixture
def told():
    """What stamina's instrumentation is told of retries."""
    details = []
    set_on_retry_hooks([details.append])
    yield details
    set_on_retry_hooks(None)


@pytest.fixture
def keeps_trying(connect, serve):
    """A fault that passes is not seen; one that stays is raised; and the client goes on."""

    def watch(fault, kind, **options):
        server = serve(fault, fault, good, fault)
        junction = connect(None, base_url=server.url, **options)
        assert users(junction) == [1]
        assert len(server.requests) == ATTEMPTS

        error = failure_of(junction)
        assert type(error) is kind
        assert len(server.requests) == 2 * ATTEMPTS
        assert_clean(error)
        assert_usable(junction, server)
        return error

    return watch


@pytest.fixture
def tries_once(connect, serve):
    """A fault that will not pass is raised at once; and the client goes on."""

    def watch(fault, kind, **options):
        server = serve(fault)
        junction = connect(None, base_url=server.url, **options)
        error = failure_of(junction)
        assert type(error) is kind
        assert len(server.requests) == 1
        assert_clean(error)
        assert_usable(junction, server)
        return error

    return watch
