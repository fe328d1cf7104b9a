"""An answer held against what was asked for."""

import uuid

import httpx
import pytest

from junction_api.models import SingleUserHistoricalPullResponse
from junction_introspect import Junction, ResponseDecodeError, Unrecognized
from junction_introspect._paging.filters import hold
from tests.support.payloads import encoded, page

ASKED, OTHER = uuid.UUID(int=1), uuid.UUID(int=2)


def record(user_id=ASKED, *providers):
    return SingleUserHistoricalPullResponse(user_id=user_id, provider=dict.fromkeys(providers))


def test_nothing_is_held_against_a_request_for_everything():
    records = [record(ASKED, "oura"), record(OTHER, "fitbit")]

    assert hold(records, {"user_id": None, "provider": None, "user_limit": 50}) == []
    assert [list(each.provider) for each in records] == [["oura"], ["fitbit"]]


def test_answer_about_the_user_asked_for_is_taken():
    assert hold([record(ASKED, "oura"), record(ASKED, "fitbit")], {"user_id": ASKED}) == []
    assert hold([], {"user_id": ASKED}) == []


@pytest.mark.parametrize("records", [[record(OTHER)], [record(ASKED), record(OTHER)]])
def test_answer_about_another_user_is_an_error_that_names_no_one(records):
    with pytest.raises(ResponseDecodeError, match="user_id=") as caught:
        hold(records, {"user_id": ASKED})

    assert caught.value.page is None
    assert caught.value.well_formed
    assert str(OTHER) not in str(caught.value)
    assert str(ASKED) not in str(caught.value)


def test_other_providers_are_taken_out_and_told():
    records = [record(ASKED, "oura", "fitbit"), record(OTHER, "garmin"), record(OTHER)]

    assert hold(records, {"provider": "fitbit"}) == [("provider", "oura"), ("provider", "garmin")]
    assert [list(each.provider) for each in records] == [["fitbit"], [], []]


def test_answer_of_other_providers_alone_is_an_error():
    with pytest.raises(ResponseDecodeError, match="provider=") as caught:
        hold([record(ASKED, "oura"), record(OTHER)], {"provider": "fitbit"})

    assert caught.value.page is None
    assert "oura" not in str(caught.value)


@pytest.mark.parametrize("records", [[], [record(ASKED), record(OTHER)]])
def test_answer_without_any_provider_is_taken(records):
    assert hold(records, {"provider": "fitbit"}) == []


@pytest.mark.parametrize("provider", ["labcorp", "manual", Unrecognized("new_ring")])
def test_filter_that_may_be_a_labs_is_not_checked(provider):
    records = [record(ASKED, "oura")]

    assert hold(records, {"provider": provider}) == []
    assert list(records[0].provider) == ["oura"]


def record_of(*providers):
    pulls = {"pulled": {}, "not_pulled": ["sleep"]}
    return {"user_id": str(ASKED), "provider": dict.fromkeys(providers, pulls)}


@pytest.fixture
def answers():
    """Returns a handler that answers with a page of these users, and remembers the requests."""

    def script(*users):
        def handle(request):
            handle.requests.append(request)
            return httpx.Response(200, content=encoded(page(*users)))

        handle.requests = []
        return handle

    return script


def test_listing_leaves_out_what_was_not_asked_for_and_counts_it(connect, answers):
    junction = connect(answers(record_of("oura", "fitbit"), record_of("fitbit")))

    rows = list(junction.historical_pulls(provider="fitbit").rows())
    assert {row.provider for row in rows} == {"fitbit"}
    assert len(rows) == 2
    assert junction.drift.unrequested == {"provider": {"oura": 1}}
    assert "not asked for: provider 'oura' ×1" in str(junction.drift)
    assert junction.drift


def test_answer_about_another_user_is_asked_for_once(connect, answers):
    handler = answers(record_of("oura"))
    junction = connect(handler)

    with pytest.raises(ResponseDecodeError, match="user_id=") as caught:
        next(junction.historical_pulls(user_id=OTHER, cursor="c"))
    assert caught.value.cursor == "c"
    assert len(handler.requests) == 1


def test_unrequested_counts_are_a_copy():
    with Junction(api_key="sk_us_0123456789") as junction:
        junction.drift.record_unrequested([("provider", "oura")] * 2)
        junction.drift.unrequested.clear()

        assert junction.drift.unrequested == {"provider": {"oura": 2}}
