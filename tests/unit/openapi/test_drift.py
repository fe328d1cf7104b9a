from __future__ import annotations

import json

import pytest

from openapi.documents import load_plain
from openapi.drift import main
from tests.support.reading import LIBRARY, LIBRARY_OPERATIONS

pytestmark = pytest.mark.any_specification


def test_version_that_a_bump_would_refuse_is_told_with_the_overlay_action(tmp_path, capsys):
    library = load_plain(LIBRARY)
    union = [{"$ref": f"#/components/schemas/{name}"} for name in ("LoanDates", "LoansPage")]
    library["components"]["schemas"]["Loan"]["properties"]["either"] = {"anyOf": union}
    newer = tmp_path / "newer.json"
    newer.write_text(json.dumps(library), encoding="utf-8")
    taken = ["--junction", str(LIBRARY), "--operations", str(LIBRARY_OPERATIONS)]

    assert main([str(newer), *taken]) == 3
    out, err = capsys.readouterr()
    assert out.endswith("data[].branch.*.lent.*.either (response): new optional field\n")
    assert err == (
        "drift: a bump would be refused: /components/schemas/Loan/properties/either/anyOf: a union"
        " of several objects; to fix it in the overlay: target:"
        " $.components.schemas.Loan.properties.either.anyOf, remove: true\n"
    )
