"""Reads message templates: every text is checked by the sandbox's grammar, and for values that it could never get."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from jinja2 import nodes

from fieldstone.metadata.checking import Checking
from fieldstone.metadata.definitions import SYSTEM_FIELDS, Document, Entity
from fieldstone.metadata.documents import title_of
from fieldstone.metadata.entities import writable_names
from fieldstone.metadata.flow_reading import FlowReading, Known
from fieldstone.metadata.json_source import escape
from fieldstone.metadata.message_templates import MessageTemplate
from fieldstone.metadata.text_templates import COMMON
from fieldstone.metadata.text_templates.grammar import names_used, parsed
from fieldstone.problems import Problem, did_you_mean


def read_template(
    document: Document, checking: Checking, known: Known, problems: list[Problem]
) -> MessageTemplate:
    """The template of a document; what is wrong is appended to `problems`."""
    return _Reading(document, checking, known, problems).template()


class _Reading(FlowReading):
    """One template being read."""

    def template(self) -> MessageTemplate:
        body = self.body
        about = self.entity("/entity", body["entity"]) if "entity" in body else None
        variables = tuple(each["name"] for each in body.get("variables", ()))
        for part in ("subject", "text", "html"):
            for locale, source in body.get(part, {}).items():
                self.source(source, f"/{part}/{escape(locale)}", variables, about)
                if part != "subject" and locale not in body["subject"]:
                    message = f'there is a {part} in "{locale}", but no subject{did_you_mean(locale, body["subject"])}'
                    self.problem(f"/{part}/{escape(locale)}", "template.locale", message)
        for locale in body["subject"]:
            if locale not in body["text"]:
                message = f'the text in "{locale}" is missing'
                self.problem(f"/text/{escape(locale)}", "template.locale", message)
        return MessageTemplate(
            name=self.document.name,
            title=body.get("title") or title_of(self.document.name),
            subject=plain(body["subject"]),
            text=plain(body["text"]),
            html=plain(body.get("html", {})),
            variables=variables,
            entity=body.get("entity"),
            description=body.get("description", ""),
            layer=self.layer(""),
        )

    def source(self, source: str, pointer: str, variables: tuple[str, ...], about: Entity | None) -> None:
        tree, findings = parsed(source)
        for found in findings:
            self.problem(pointer, "template.syntax", f"line {found.line}: {found.message}")
        if tree is None or findings:
            return
        known = (*COMMON, *variables)
        for name in sorted(names_used(source) - set(known)):
            message = (
                f'"{name}" is no value of this template{did_you_mean(name, known)}; name it in `variables`'
            )
            self.problem(pointer, "template.variable", message)
        if about is None:
            return
        fields = [*writable_names(about.fields), *SYSTEM_FIELDS]
        for node in tree.find_all(nodes.Getattr):
            if isinstance(node.node, nodes.Name) and node.node.name == "record" and node.attr not in fields:
                message = f'"{node.attr}" is no field of "{about.name}"{did_you_mean(node.attr, fields)}'
                self.problem(pointer, "field.unknown", f"line {node.lineno}: {message}")


def plain(texts: Mapping[str, Any]) -> Mapping[str, str]:
    return MappingProxyType(dict(texts))
