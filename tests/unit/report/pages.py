"""A page read back: strictly, for what a browser would forgive and a person would not notice."""

from __future__ import annotations

from html.parser import HTMLParser

# Of HTML, those that have no end tag.
_VOID = frozenset({"meta", "br", "wbr", "input", "link", "img", "hr"})


class PageError(AssertionError):
    """A page is not well-formed."""


class Element:
    """An element with its attributes, what is in it, and its text."""

    def __init__(self, tag, attributes):
        self.tag = tag
        self.attributes = dict(attributes)
        self.children = []

    @property
    def text(self):
        return "".join(
            child if isinstance(child, str) else child.text for child in self.children
        ).strip()

    def all(self, tag):
        for child in self.children:
            if isinstance(child, Element):
                if child.tag == tag:
                    yield child
                yield from child.all(tag)

    def one(self, tag, **attributes):
        (found,) = (
            each
            for each in self.all(tag)
            if all(each.attributes.get(name) == value for name, value in attributes.items())
        )
        return found

    def rows(self):
        """The texts of a table's body."""
        (body,) = self.all("tbody")
        return [
            [cell.text for cell in row.children if isinstance(cell, Element)]
            for row in body.all("tr")
        ]


class _Reader(HTMLParser):
    def __init__(self):
        super().__init__()
        self.root = Element("", ())
        self._open = [self.root]
        self._ids = set()

    def handle_starttag(self, tag, attrs):
        names = [name for name, _ in attrs]
        if len(set(names)) != len(names):
            raise PageError(f"<{tag}> has an attribute twice")
        element = Element(tag, attrs)
        if (name := element.attributes.get("id")) is not None:
            if name in self._ids:
                raise PageError(f"the id {name!r} stands twice")
            self._ids.add(name)
        self._open[-1].children.append(element)
        if tag not in _VOID:
            self._open.append(element)

    def handle_startendtag(self, tag, attrs):  # noqa: ARG002 - the parser calls it so
        raise PageError(f"<{tag}/> closes itself")

    def handle_endtag(self, tag):
        if self._open[-1].tag != tag:
            raise PageError(f"</{tag}> where <{self._open[-1].tag}> is open")
        self._open.pop()

    def handle_data(self, data):
        self._open[-1].children.append(data)

    def close(self):
        super().close()
        if len(self._open) > 1:
            raise PageError(f"<{self._open[-1].tag}> is never closed")


def read(page: str) -> Element:
    """Read a page.

    Raises:
        PageError: A tag is not closed, or not in its place; an attribute or an id comes twice.
    """
    reader = _Reader()
    reader.feed(page)
    reader.close()
    return reader.root
