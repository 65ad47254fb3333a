"""Reads everything that moves by itself (workflows, tables, automations, templates) and checks how it fits together."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TypeVar

from fieldstone.metadata.approval_flows import DecisionTable, Workflow
from fieldstone.metadata.automation_checks import loops
from fieldstone.metadata.automation_rules import Automation
from fieldstone.metadata.automations_read import read_automation
from fieldstone.metadata.cache import CompileCache
from fieldstone.metadata.checking import Checking
from fieldstone.metadata.definitions import Document, Entity
from fieldstone.metadata.flow_reading import known_in
from fieldstone.metadata.layers import Key
from fieldstone.metadata.machines_read import check_named
from fieldstone.metadata.message_templates import MessageTemplate
from fieldstone.metadata.tables_read import read_table
from fieldstone.metadata.templates_read import read_template
from fieldstone.metadata.workflow_checks import endless_calls
from fieldstone.metadata.workflows_read import places_of, read_workflow
from fieldstone.problems import Problem

Kind = TypeVar("Kind")
Said = tuple[Document, list[Problem], list[Problem]]


@dataclass(frozen=True, slots=True)
class Flows:
    """The definitions by name; `said` holds documents with their problems and their notes."""

    workflows: Mapping[str, Workflow]
    tables: Mapping[str, DecisionTable]
    automations: Mapping[str, Automation]
    templates: Mapping[str, MessageTemplate]
    said: tuple[Said, ...]


def read_flows(
    documents: Mapping[Key, Document], entities: Mapping[str, Entity], checking: Checking, cache: CompileCache
) -> Flows:
    """The flows of accepted effective documents. `entities` are finished, state machines included."""
    known = known_in(documents.values())
    said: list[Said] = []
    workflows: dict[str, Workflow] = {}
    tables: dict[str, DecisionTable] = {}
    automations: dict[str, Automation] = {}
    templates: dict[str, MessageTemplate] = {}
    for (folder, name), document in documents.items():
        problems: list[Problem] = []
        notes: list[Problem] = []
        match folder:
            case "workflows":
                workflow, found = read_workflow(document, checking, known, problems)
                workflows[name] = cache.shared(workflow)
                notes += found
            case "tables":
                table, found = read_table(document, checking, known, problems)
                tables[name] = cache.shared(table)
                notes += found
            case "automations":
                automation, found = read_automation(document, checking, known, problems)
                automations[name] = cache.shared(automation)
                notes += found
            case "templates":
                templates[name] = cache.shared(read_template(document, checking, known, problems))
        if problems or notes:
            said.append((document, problems, notes))
    if not any(problems for _, problems, _ in said):
        said += _together(documents, entities, checking, workflows, automations)
    for name, entity in entities.items():
        problems = []
        check_named(entity, checking.drafts[name], known, workflows, problems)
        owner = documents["entities", entity.parent[0] if entity.parent else name]
        said.append((owner, problems, []))
    return Flows(
        MappingProxyType(workflows), MappingProxyType(tables), MappingProxyType(automations),
        MappingProxyType(templates), tuple(said),
    )  # fmt: skip


def _together(
    documents: Mapping[Key, Document], entities: Mapping[str, Entity], checking: Checking,
    workflows: Mapping[str, Workflow], automations: Mapping[str, Automation],
) -> list[Said]:  # fmt: skip
    """What is wrong with definitions that are each right by themselves."""
    said: list[Said] = []
    for name, step, circle in endless_calls(workflows):
        document = documents["workflows", name]
        message = f"workflows that call each other without end: {circle}; put the call into a branch"
        place = f"{places_of(document.body)[step]}/workflow"
        said.append((document, [Problem(place, "workflow.endless", message)], []))
    for name, problem, certain in loops(automations, entities):
        document = documents["automations", name]
        said.append((document, [problem] if certain else [], [] if certain else [problem]))
    return said
