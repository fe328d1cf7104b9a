"""Drives openapi-python-client, which turns a corrected document into a package.

The generator runs in this process, because `openapi.leniency` needs its parsed form of the document
(`Project.openapi`): which enum or model each property is, and its name. The files that it writes do
not have that.
"""

from __future__ import annotations

import contextlib
import io
import re
from typing import TYPE_CHECKING, Any, NamedTuple

from jinja2 import FileSystemBytecodeCache
from openapi_python_client import Project
from openapi_python_client.config import Config, ConfigFile, MetaType
from openapi_python_client.parser import GeneratorData
from openapi_python_client.parser.errors import GeneratorError, ParseError

from openapi.consts import opened
from openapi.documents import HERE, StepError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

SETTINGS = HERE.parent / "generator-config.yaml"
TEMPLATES = HERE / "templates"
_LONGEST = 200  # characters of a schema that an error message contains
# In the folder for temporary files. Without it, every package would compile the templates again.
_COMPILED = FileSystemBytecodeCache()


class GenerateError(StepError):
    """Nothing can be generated; the message has one line for each reason."""


class Operation(NamedTuple):
    """An operation of the document and the module that is generated for it.

    Attributes:
        method: The method, in lower case.
        path: The path as it is in the document.
        module: The module in the package, such as ``api.introspect.list_historical_pulls``.
    """

    method: str
    path: str
    module: str


def parse(document: dict[str, Any], output: Path) -> Project:
    """Parse a document with the generator, and return a project that writes to `output`.

    Raises:
        GenerateError: The generator cannot parse the document, or would leave something out.
    """
    config = Config.from_sources(
        ConfigFile.load_from_path(SETTINGS),
        meta_type=MetaType.NONE,
        document_source=output,
        file_encoding="utf-8",
        overwrite=False,
        output_path=output,
    )
    try:
        parsed = GeneratorData.from_dict(opened(document), config=config)
    except Exception as error:  # any error is caused by the document
        raise GenerateError(
            f"the generator cannot parse the document: {type(error).__name__}: {error}"
        ) from error
    if isinstance(parsed, GeneratorError):
        raise GenerateError(_told([parsed]))
    project = Project(openapi=parsed, config=config, custom_template_path=TEMPLATES)
    project.env.bytecode_cache = _COMPILED
    collections = parsed.endpoint_collections_by_tag.values()
    left_out = [*parsed.errors, *(one for each in collections for one in each.parse_errors)]
    if left_out:
        raise GenerateError(_told(left_out))
    return project


def write(project: Project) -> None:
    """Write the package.

    Raises:
        GenerateError: A template failed.
    """
    with contextlib.redirect_stdout(io.StringIO()):  # the generator prints its output folder
        try:
            errors = project.build()
        except Exception as error:
            raise GenerateError(
                f"the generator cannot write the package: {type(error).__name__}: {error}"
            ) from error
    if errors:
        raise GenerateError(_told(errors))


def operations(project: Project, document: dict[str, Any]) -> Iterator[Operation]:
    """Yield the operations of a document with the modules that they are generated into."""
    modules = {
        (endpoint.method, _shape(endpoint.path.get_untrusted_value())): f"api.{tag}.{endpoint.name}"
        for tag, collection in project.openapi.endpoint_collections_by_tag.items()
        for endpoint in collection.endpoints
    }
    for path, item in document["paths"].items():
        for method in item:
            if (method, _shape(path)) in modules:
                yield Operation(method, path, modules[method, _shape(path)])


def _shape(path: str) -> str:
    """Return a path without the names of its parameters, which the generator replaces."""
    return "{}".join(part.rpartition("}")[2] for part in path.split("{"))


def _told(errors: Iterable[GeneratorError]) -> str:
    lines = []
    for error in errors:
        data = error.data if isinstance(error, ParseError) else None
        where = data.model_dump_json(exclude_unset=True, by_alias=True) if data else ""
        # The generator prints untrusted text of the document as an object; leave that out.
        said = re.sub(r"<\S+ object at \w+>", "", f"{error.header} {error.detail or ''}")
        lines.append(" ".join(f"{said} {where[:_LONGEST]}".split()))
    return "\n".join(lines)
