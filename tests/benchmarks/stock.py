"""The generator's stock client: from the same document, without this project's templates."""

from __future__ import annotations

import os
import shutil
import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any

from tests.benchmarks.setting import BUILD, DEVELOPMENT, ROOT, output_of

if TYPE_CHECKING:
    from collections.abc import Callable

_PACKAGE = "stock_client"


def page_from_dict() -> Callable[[dict[str, Any]], object]:
    """Generate the client and return its way from what `json.loads` returns to a page."""
    target = BUILD / _PACKAGE
    shutil.rmtree(target, ignore_errors=True)
    BUILD.mkdir(parents=True, exist_ok=True)
    output_of(
        *(DEVELOPMENT, "-m", "openapi_python_client", "generate", "--meta", "none"),
        *("--path", ROOT / "openapi" / "spec.yaml", "--output-path", target),
        # The generator runs whatever `ruff` is first on PATH.
        environ={"PATH": os.pathsep.join((str(DEVELOPMENT.parent), os.environ["PATH"]))},
    )
    sys.path.append(str(BUILD))
    try:
        models = import_module(f"{_PACKAGE}.models")
    finally:
        sys.path.remove(str(BUILD))
    page_class: Any = models.UserHistoricalPullsResponse
    parse: Callable[[dict[str, Any]], object] = page_class.from_dict
    return parse
