"""Compare the credentials that requests need."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from openapi.diff.changes import DOCUMENT, REQUEST, At, Changes, Grade
from openapi.diff.values import told

if TYPE_CHECKING:
    from openapi.diff.variants import Schemas

_ADVICE = "check that your credentials are still accepted"
# The credentials in a request, each with the scopes that it needs.
Credentials: TypeAlias = dict[str, tuple[str, ...]]


class SecurityComparison:
    """Compares the security requirements of operations, and the schemes of two documents."""

    def __init__(self, old: Schemas, new: Schemas, changes: Changes) -> None:
        self._sides = (old, new)
        self._changes = changes
        self._used: set[str] = set()

    def compare(self, name: str, old: Any, new: Any) -> None:
        """Note the changed requirements of an operation.

        Args:
            name: The operation, as ``METHOD /path``.
            old: The old operation.
            new: The new operation.
        """
        nodes = (old, new)
        documents = [side.document for side in self._sides]
        own = any("security" in node for node in nodes)
        both = [
            node.get("security", document.get("security")) or [{}]
            for node, document in zip(nodes, documents, strict=True)
        ]
        self._used |= {scheme for listed in both for entry in listed for scheme in entry}
        before, after = (
            [self._carried(entry, number) for entry in listed] for number, listed in enumerate(both)
        )
        if _comparable(before) == _comparable(after):
            return
        at = At(REQUEST, name if own else "security")
        texts = [
            " or ".join(dict.fromkeys(_text(entry) for entry in side)) for side in (before, after)
        ]
        what = f"a request needed {texts[0]}, and now needs {texts[1]}"
        let_in = [any(other.keys() <= one.keys() for other in after) for one in before]
        grade, advice = Grade.ATTENTION, "check that you send one of these"
        if not any(let_in):
            grade, advice = Grade.BREAKING, "send these, or every call gets a 401"
        origin = (*(nodes if own else documents), "security")
        self._changes.add(origin, grade, at, what, advice)

    def _carried(self, entry: Any, side: int) -> Credentials:
        return {
            _carrier(self._scheme(name, side), name): tuple(sorted(scopes))
            for name, scopes in entry.items()
        }

    def _scheme(self, name: str, side: int) -> Any:
        schemes = self._schemes(side)
        return self._sides[side].follow(schemes[name]) if name in schemes else {}

    def _schemes(self, side: int) -> Any:
        return self._sides[side].document.get("components", {}).get("securitySchemes", {})

    def compare_schemes(self) -> None:
        """Note other changes of the schemes. Must be called after all operations."""
        documents = [side.document for side in self._sides]
        names = [{*self._schemes(number)} for number in (0, 1)]
        renamed = self._renamed(names[0] - names[1], names[1] - names[0])
        for old, new in renamed.items():
            what = f"security scheme {old} is now called {new}"
            at = At(DOCUMENT, f"security schemes → {new}")
            self._changes.add((*documents, old), Grade.NAMES, at, what)
        for name in {**self._schemes(0), **self._schemes(1)}:
            at = At(REQUEST, f"security schemes → {name}")
            before, after = self._scheme(name, 0), self._scheme(renamed.get(name, name), 1)
            used = name in self._used
            grade = Grade.ATTENTION if used else Grade.ABSORBED
            if before and after:
                self._details((*documents, name), before, after, at, grade)
            elif name not in renamed.values() and not self._alias(before or after, name):
                what = "security scheme gone" if before else "new security scheme"
                what += "" if used else ", which no operation uses"
                self._changes.add((*documents, name), grade, at, what, _ADVICE if used else "")

    def _alias(self, scheme: Any, name: str) -> bool:
        """Tell whether both documents have the same scheme, perhaps under another name."""
        carrier = _carrier(scheme, name)
        return all(
            any(carrier == _carrier(self._scheme(one, side), one) for one in self._schemes(side))
            for side in (0, 1)
        )

    def _renamed(self, gone: set[str], added: set[str]) -> dict[str, str]:
        return {
            old: new
            for old in sorted(gone)
            for new in sorted(added)
            if _carrier(self._scheme(old, 0), old) == _carrier(self._scheme(new, 1), new)
        }

    def _details(self, origin: Any, old: Any, new: Any, at: At, grade: Grade) -> None:
        if _carrier(old, "") != _carrier(new, ""):
            # For a scheme that is used, the change was noted with its operations.
            if grade is Grade.ABSORBED:
                what = f"was {_carrier(old, '')}, and is now {_carrier(new, '')}"
                self._changes.add(origin, grade, at, f"{what}; no operation uses it")
            return
        for key in sorted((old.keys() | new.keys()) - {"type", "name", "in", "scheme"}):
            texts = [told(side[key]) if key in side else "none" for side in (old, new)]
            if texts[0] != texts[1] and not key.startswith("x-"):
                prose = key == "description"
                what = f"{key} {'changed' if prose else f'{texts[0]} is now {texts[1]}'}"
                if prose or grade is Grade.ABSORBED:
                    self._changes.add(origin, Grade.ABSORBED, at, what)
                else:
                    self._changes.add(origin, grade, at, what, _ADVICE)


def _carrier(scheme: Any, name: str) -> str:
    """Return where a scheme puts its credential, as a text that can be compared."""
    kind = str(scheme.get("type", name))
    if kind == "apiKey":
        where, key = str(scheme.get("in")), str(scheme.get("name"))
        return f"{where} {key.lower() if where == 'header' else key}"
    if kind == "http":
        return f"{str(scheme.get('scheme')).lower()} authorization"
    return kind


def _comparable(side: list[Credentials]) -> set[tuple[tuple[str, tuple[str, ...]], ...]]:
    return {tuple(sorted(entry.items())) for entry in side}


def _text(entry: Credentials) -> str:
    return (
        " and ".join(
            f"{name} ({', '.join(scopes)})" if scopes else name for name, scopes in entry.items()
        )
        or "nothing"
    )
