"""OpenTelemetry's own instrumentation of httpx works as it is."""

import pytest

from junction_introspect import Junction
from tests.faults.behaviours import NO_RESPONSE, good, status
from tests.faults.expectations import CURSOR, failure_of, users
from tests.support.drivers import KEY
from tests.support.payloads import user_id

pytestmark = pytest.mark.any_specification

httpx_instrumentation = pytest.importorskip(
    "opentelemetry.instrumentation.httpx", reason="opentelemetry-instrumentation-httpx is missing"
)
export = pytest.importorskip(
    "opentelemetry.sdk.trace.export", reason="opentelemetry-sdk is missing"
)
from opentelemetry.sdk.trace import TracerProvider  # noqa: E402 - where it is not missing
from opentelemetry.sdk.trace.export.in_memory_span_exporter import (  # noqa: E402
    InMemorySpanExporter,
)


@pytest.fixture
def spans():
    """Every span of httpx while the test lasts."""
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(export.SimpleSpanProcessor(exporter))
    instrumentor = httpx_instrumentation.HTTPXClientInstrumentor()
    instrumentor.instrument(tracer_provider=provider)
    yield exporter.get_finished_spans
    instrumentor.uninstrument()
    provider.shutdown()


def test_every_attempt_is_a_span_named_without_an_id(connect, serve, spans):
    server = serve(status(503), NO_RESPONSE[0], good)
    assert users(connect(None, base_url=server.url), cursor=CURSOR, user_id=user_id(1)) == [1]

    assert [span.name for span in spans()] == ["GET"] * 3
    assert [span.attributes.get("http.status_code") for span in spans()] == [503, None, 200]
    assert [span.status.is_ok for span in spans()] == [False, False, True]


def test_no_span_holds_the_credential(connect, serve, spans):
    server = serve(good, status(401))
    junction = connect(None, base_url=server.url)
    users(junction)
    failure_of(junction)

    assert len(spans()) == 2
    for span in spans():
        assert KEY not in span.to_json()


def test_trace_reaches_the_server(connect, serve, spans):
    server = serve(good)
    users(connect(None, base_url=server.url))

    (span,) = spans()
    assert f"{span.context.trace_id:032x}" in server.requests[0].headers["traceparent"]


def test_errors_and_attempts_are_as_without(connect, serve, spans):
    server = serve(status(503))
    junction = connect(None, base_url=server.url)

    assert failure_of(junction).status_code == 503
    assert len(server.requests) == len(spans()) == 3


def test_client_made_before_the_instrumentation_is_traced_as_well(serve):
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(export.SimpleSpanProcessor(exporter))
    with Junction(api_key=KEY, base_url=serve(good).url) as junction:
        httpx_instrumentation.HTTPXClientInstrumentor.instrument_client(
            junction._http, tracer_provider=provider
        )
        assert users(junction) == [1]

    assert len(exporter.get_finished_spans()) == 1
