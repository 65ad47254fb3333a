"""Compiles packages and a tenant's changes to a `Model`, or to every problem that is in the way.

Layers, lowest first: the base package, what is generated for entities that lack it, the packages in
dependency order, the tenant. Problems name the layer, and the file and line of the document that said it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache as once
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, TypeVar

from fieldstone.metadata import definitions as d
from fieldstone.metadata.cache import CompileCache, content_hash
from fieldstone.metadata.checking import Checking, sequence_problem
from fieldstone.metadata.conversion_maps import Conversion
from fieldstone.metadata.conversions_read import read_conversions
from fieldstone.metadata.demo_flows import flow_problems
from fieldstone.metadata.documents import Package, read_package
from fieldstone.metadata.entities import Draft, read_entity
from fieldstone.metadata.flows_read import read_flows
from fieldstone.metadata.generated import generate
from fieldstone.metadata.layers import ABSENT, Key, Layer, in_name_order, merge
from fieldstone.metadata.machines_read import with_machines
from fieldstone.metadata.meta_schemas import FOLDERS, LATER_FOLDERS, check_document
from fieldstone.metadata.presentation_read import read_form, read_menu, read_view
from fieldstone.metadata.records_read import check_data, check_translations
from fieldstone.metadata.requirements import in_dependency_order
from fieldstone.metadata.roles import read_role
from fieldstone.metadata.scenarios import World, scenario_problems, seeded
from fieldstone.metadata.sources import Sources
from fieldstone.problems import Problem, did_you_mean

BASE: Final = "base"
GENERATED: Final = "generated"
TENANT: Final = "tenant"

Definition = TypeVar("Definition", d.Role, d.Form, d.View, d.Menu)


@dataclass(frozen=True, slots=True)
class Compiled:
    """What compiling gave: a model, or None and the problems. Notes hold nothing up."""

    model: d.Model | None
    problems: tuple[Problem, ...]
    notes: tuple[Problem, ...] = ()


@once
def base_package() -> Package:
    """The platform's own package, below all others."""
    return read_package(Path(__file__).parent / "base")


def compile_model(
    packages: Sequence[Package],
    tenant: Mapping[str, Mapping[str, Any] | None] | None = None,
    cache: CompileCache | None = None,
) -> Compiled:
    """Compile packages (in any order, without the base) and a tenant's patches (`folder/name` -> patch).

    Pass one `CompileCache` for all tenants, so that they share what is the same. Fields that a tenant adds
    stand by their `order`, then by name: see `layers.with_order`.
    """
    return _Compiling(packages, tenant or {}, cache or CompileCache()).run()


def below_tenant(
    packages: Sequence[Package], tenant: Mapping[str, Any], folder: str, name: str, cache: CompileCache
) -> Any:
    """The body of a document without what the tenant says of it; ABSENT when only the tenant has it."""
    others = {path: patch for path, patch in tenant.items() if path != f"{folder}/{name}"}
    found = _Compiling(packages, others, cache).merge().get((folder, name))
    return ABSENT if found is None else found.body


class _Compiling:
    """One compile."""

    def __init__(
        self, packages: Sequence[Package], tenant: Mapping[str, Mapping[str, Any] | None], cache: CompileCache
    ) -> None:
        self.packages, self.problems = in_dependency_order(packages)
        self.notes: list[Problem] = []
        self.cache = cache
        self.tenant = Layer(TENANT, self.tenant_documents(tenant))
        self.sources = Sources((base_package(), *self.packages), self.tenant)

    def tenant_documents(self, tenant: Mapping[str, Any]) -> dict[Key, Mapping[str, Any] | None]:
        documents: dict[Key, Mapping[str, Any] | None] = {}
        for path, patch in sorted(tenant.items()):
            folder, _, name = path.partition("/")
            if folder not in FOLDERS or not name:
                message = (
                    f'"{path}" is no folder of documents{did_you_mean(folder, [*FOLDERS, *LATER_FOLDERS])}'
                )
                self.problems.append(Problem("", "folder.unknown", message, layer=TENANT, file=path))
            else:
                documents[folder, name] = in_name_order(patch)
        return documents

    def run(self) -> Compiled:
        if self.problems:
            return self.failed()
        documents = self.merge()
        documents = {key: document for key, document in documents.items() if self.accepted(document)}
        drafts: dict[str, Draft] = {}
        for document in of_folder(documents, "entities"):
            for draft in self.draft(document).all():
                drafts[draft.entity.name] = draft
        sequences = self.read_sequences(documents)
        checking = Checking(drafts, sequences, self.cache)
        entities = {
            name: checking.finish(draft, documents.get(("entities", name))) for name, draft in drafts.items()
        }
        checking.circles()
        checking.clocks()
        for name, problem in checking.problems:
            self.add(documents["entities", entity_of(drafts, name)], problem)
        checking.problems.clear()
        if self.problems:  # what follows reads fields and types, and would only repeat what is known
            return self.failed()
        for name, draft in drafts.items():
            own = documents.get(("entities", name))
            entities[name], found, notes = with_machines(entities[name], draft, own, checking, self.cache)
            owner = documents["entities", entity_of(drafts, name)]
            self.noted(owner, found, notes)
        flows = read_flows(documents, entities, checking, self.cache)
        for document, found, notes in flows.said:
            self.noted(document, found, notes)
        roles: dict[str, d.Role] = {}
        forms: dict[str, d.Form] = {}
        views: dict[str, d.View] = {}
        menus: dict[str, d.Menu] = {}
        conversions: dict[str, tuple[Conversion, ...]] = {}
        role_names = [document.name for document in of_folder(documents, "roles")]
        view_entities = {v.name: str(v.body.get("entity")) for v in of_folder(documents, "views")}
        for document in documents.values():
            found = []
            match document.folder:
                case "entities" if document.body.get("conversions"):
                    maps = read_conversions(document, checking, found)
                    conversions[document.name] = self.cache.shared(maps)
                case "roles":
                    roles[document.name] = self.shared(read_role(document, checking, found))
                case "forms":
                    form = read_form(document, checking, role_names, found)
                    forms[document.name] = self.shared(form)
                case "views":
                    view = read_view(document, checking, role_names, found)
                    views[document.name] = self.shared(view)
                case "menus":
                    menu = read_menu(document, checking, role_names, view_entities, found)
                    menus[document.name] = self.shared(menu)
                case "data" | "demo":
                    check_data(document, checking, found)
            for problem in found:
                self.add(document, problem)
        for document in of_folder(documents, "translations"):
            self.notes += [
                self.sources.located(document, note)
                for note in check_translations(document, checking, documents)
            ]
        world = World(entities, roles, seeded(documents), conversions, flows.workflows, flows.automations)
        brought = seeded(documents, ("data", "demo"))
        for document in documents.values():
            if document.folder in ("data", "demo") and "flows" in document.body:
                self.noted(document, *flow_problems(document, world, brought))
        for document in of_folder(documents, "tests"):
            found = scenario_problems(document.body, world)
            self.notes += [self.sources.located(document, note) for note in found]
        if self.problems:
            return self.failed()
        model = d.Model(
            hash=content_hash(
                sorted((entity.name, entity.hash) for entity in entities.values()),
                sorted(document.hash for document in documents.values()),
            ),
            entities=MappingProxyType(entities),
            roles=MappingProxyType(roles),
            documents=MappingProxyType(documents),
            translations=MappingProxyType(self.translations(documents)),
            forms=MappingProxyType(forms),
            views=MappingProxyType(views),
            menus=MappingProxyType(menus),
            conversions=MappingProxyType(conversions),
            workflows=flows.workflows,
            tables=flows.tables,
            automations=flows.automations,
            templates=flows.templates,
        )
        checking.close(entities)
        return Compiled(model, (), tuple(self.notes))

    def failed(self) -> Compiled:
        return Compiled(None, tuple(dict.fromkeys(_frozen(p) for p in self.problems)), tuple(self.notes))

    def merge(self) -> dict[Key, d.Document]:
        base, packages = base_package(), [layer_from(package) for package in self.packages]
        below = [layer_from(base), *packages, self.tenant]
        entities = merge([only(layer, "entities") for layer in below], self.cache.documents)
        generated = generate(entities, [base, *self.packages], self.tenant.documents)
        return merge([below[0], Layer(GENERATED, generated), *below[1:]], self.cache.documents)

    def shared(self, definition: Definition) -> Definition:
        """The same definition as another tenant has, where there is one."""
        return self.cache.shared(definition)

    def translations(self, documents: Mapping[Key, d.Document]) -> dict[str, Mapping[str, str]]:
        """Locale -> key -> text; of two documents of one locale, the later one wins."""
        by_locale: dict[str, list[d.Document]] = {}
        for document in of_folder(documents, "translations"):
            by_locale.setdefault(document.body["locale"], []).append(document)
        return {
            locale: self.cache.texts.made(
                tuple(document.hash for document in found), partial(texts_of, found)
            )
            for locale, found in by_locale.items()
        }

    def accepted(self, document: d.Document) -> bool:
        """Whether its meta-schema takes the effective document; what is wrong is noted."""
        kind = FOLDERS[document.folder]
        make = partial(check_document, kind, document.body, whole=True)
        found = self.cache.checks.made(document.hash, make)
        for problem in found[0]:
            self.add(document, problem)
        self.notes += [self.sources.located(document, note) for note in found[1]]
        return not found[0]

    def draft(self, document: d.Document) -> Draft:
        draft: Draft = self.cache.drafts.made(document.hash, partial(self.read, document))
        for problem in draft.problems:
            self.add(document, problem)
        return draft

    def read(self, document: d.Document) -> Draft:
        """The entity of a document and those of its lines, each field the same object as in others that have it."""
        return shared_draft(read_entity(document), self.cache)

    def read_sequences(self, documents: Mapping[Key, d.Document]) -> dict[str, d.Sequence]:
        sequences = {}
        for document in of_folder(documents, "sequences"):
            pattern = document.body["pattern"]
            wrong = sequence_problem(pattern)
            if wrong:
                self.add(document, Problem("/pattern", "sequence.pattern", wrong))
            sequences[document.name] = d.Sequence(pattern, document.body.get("gapless", False))
        return sequences

    def noted(self, document: d.Document, problems: Sequence[Problem], notes: Sequence[Problem]) -> None:
        for problem in problems:
            self.add(document, problem)
        self.notes += [self.sources.located(document, note) for note in notes]

    def add(self, document: d.Document, problem: Problem) -> None:
        self.problems.append(self.sources.located(document, problem))


def layer_from(package: Package) -> Layer:
    return Layer(package.name, {key: document.body for key, document in package.documents.items()})


def only(layer: Layer, folder: str) -> Layer:
    return Layer(layer.name, {key: body for key, body in layer.documents.items() if key[0] == folder})


def shared_draft(draft: Draft, cache: CompileCache) -> Draft:
    """The draft with fields that other entities' drafts may hold, too."""
    fields = {name: cache.shared(field) for name, field in draft.entity.fields.items()}
    lines = tuple(shared_draft(each, cache) for each in draft.lines)
    return replace(draft, entity=replace(draft.entity, fields=MappingProxyType(fields)), lines=lines)


def of_folder(documents: Mapping[Key, d.Document], folder: str) -> list[d.Document]:
    return [document for (kind, _), document in documents.items() if kind == folder]


def entity_of(drafts: Mapping[str, Draft], name: str) -> str:
    """The entity whose document defines an entity: for lines, their owner."""
    parent = drafts[name].entity.parent if name in drafts else None
    return parent[0] if parent else name


def texts_of(documents: Sequence[d.Document]) -> Mapping[str, str]:
    texts: dict[str, str] = {}
    for document in documents:
        texts.update(document.body.get("texts", {}))
    return MappingProxyType(texts)


def _frozen(problem: Problem) -> Problem:
    return replace(problem, data=_Data(problem.data))


class _Data(dict[str, Any]):
    """A problem's data that can be compared by its text, to drop what was found twice."""

    def __hash__(self) -> int:  # type: ignore[override]
        return hash(repr(sorted(self.items())))
