"""A short contract run, in process: what a bump has time for.

All phases of schemathesis, 200 cases of fuzzing among them, against the mock as an ASGI app. The
long run, over HTTP as well, is tests/contract.
"""

from __future__ import annotations

import sys
from pathlib import Path
from uuid import uuid4

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from junction_introspect.contract.engine import judge  # noqa: E402  as above
from junction_introspect.mock import Population, create_app  # noqa: E402  below the line above

CASES = 200


def main():
    key = f"mock_{uuid4().hex}"
    app = create_app(Population(24, seed=3), api_key=key, access_token=uuid4().hex)
    verdict = judge(app, key, examples=CASES, credentials_too=False)
    lines = [f"contract: {dict(verdict.cases)} cases"]
    for check, failures in verdict.failures.items():
        lines += [f"{check}:", *failures[:3]]
    sys.stdout.write("\n".join([*lines, *verdict.errors, ""]))
    return 1 if verdict.failures or verdict.errors or verdict.cases.total() < CASES else 0


if __name__ == "__main__":
    sys.exit(main())
