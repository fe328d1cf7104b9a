"""The first user's id, by httpx alone."""

import json
import os

import httpx

with httpx.Client(
    base_url=os.environ["JUNCTION_BASE_URL"],
    headers={"x-vital-api-key": os.environ["JUNCTION_API_KEY"]},
) as client:
    response = client.get("/v2/introspect/historical_pull", params={"user_limit": 50})
    page = json.loads(response.raise_for_status().content)
    print(page["data"][0]["user_id"])  # noqa: T201 - the result
