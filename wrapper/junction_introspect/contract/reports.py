"""JUnit and HAR files of a run, without its credential."""

from __future__ import annotations

import re
from collections import Counter
from io import StringIO
from pathlib import Path
from secrets import token_hex
from types import SimpleNamespace
from typing import Any, Final
from xml.etree import ElementTree as ET

import httpx
from schemathesis.config import SchemathesisConfig
from schemathesis.core.transport import Response
from schemathesis.engine.recorder import Interaction, Request
from schemathesis.reporting.har import HarWriter

from junction_introspect import _files
from junction_introspect.contract.settings import SETTINGS
from junction_introspect.contract.suite import Report, State

FILTERED: Final = "[Filtered]"

# Characters that XML 1.0 cannot contain.
_NOT_XML: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")

_ELEMENTS: Final = {State.BROKEN: "failure", State.WARNING: "skipped", State.UNTESTED: "skipped"}


def write_reports(report: Report, folder: Path, secret: str) -> list[Path]:
    """Write `junit.xml` and `har.json`, which contain ids of the server's users.

    Args:
        report: The result of a run.
        folder: Made if it does not exist. New files can be read by their owner only.
        secret: The key, which is removed from both files: a server may have echoed it.

    Returns:
        The paths of the files.

    Raises:
        OSError: One cannot be written.
    """
    _files.make_folder(folder)
    texts = {"junit.xml": _junit(report), "har.json": _har(report)}
    for name, text in texts.items():
        path = folder / name
        aside = folder / f".{name}.{token_hex(8)}.tmp"
        clean = text.replace(secret, FILTERED).encode()
        _files.put(path, clean, aside=aside, mode=_files.mode_of(path))
    return [folder / name for name in texts]


def _junit(report: Report) -> str:
    counts = Counter(_ELEMENTS.get(finding.state, "") for finding in report.findings)
    suite = ET.Element(
        "testsuite",
        name="contract",
        tests=str(len(report.findings)),
        failures=str(counts["failure"]),
        skipped=str(counts["skipped"]),
    )
    for finding in report.findings:
        case = ET.SubElement(suite, "testcase", classname=finding.layer, name=finding.name)
        if element := _ELEMENTS.get(finding.state):
            text = _NOT_XML.sub("\N{REPLACEMENT CHARACTER}", "\n\n".join(finding.details[:20]))
            first = text.partition("\n")[0]
            ET.SubElement(case, element, message=f"{finding.state}: {first}").text = text
    return ET.tostring(suite, encoding="unicode", xml_declaration=True)


def _har(report: Report) -> str:
    # Any, because the annotations of schemathesis are incomplete.
    config: Any = SchemathesisConfig
    output = config.from_dict({"output": SETTINGS["output"]}).output
    file = StringIO()
    with HarWriter(file, output) as writer:
        writer.open()
        for scenario in report.scenarios:
            writer.write(scenario)
        interactions = enumerate(map(_interaction, report.exchanges))
        # The writer reads no other attribute of a recorder.
        recorder: Any = SimpleNamespace(interactions={str(at): each for at, each in interactions})
        writer.write(recorder)
    return file.getvalue()


def _interaction(response: httpx.Response) -> Interaction:
    sent = response.request
    headers = {name: [value] for name, value in sent.headers.items()}
    limit = SETTINGS["output"]["truncation"]["max-recorded-payload-size"]
    return Interaction(
        Request(sent.method, str(sent.url), None, None, headers),
        Response.from_httpx(response, verify=True).truncated(limit),
    )
