"""`fieldstone package validate|test|build|plan|install`."""

import argparse
from pathlib import Path
from typing import Any

from fieldstone.app.services import Services, open_services
from fieldstone.app.settings import read_settings
from fieldstone.cli.output import Output
from fieldstone.engine.context import Context
from fieldstone.engine.publish import PublishPlan
from fieldstone.engine.tenants.registry import need_tenant
from fieldstone.metadata.archives import pack
from fieldstone.metadata.compile import compile_model
from fieldstone.metadata.documents import Package, PackageError, read_package
from fieldstone.packages import add_package, check_package, plan_adding
from fieldstone.problems import Problem


def configure(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", required=True)
    validate = actions.add_parser(
        "validate", help="check a package folder: every problem, with file and line"
    )
    validate.add_argument("path")
    validate.add_argument(
        "--with", dest="others", action="append", default=[], metavar="PATH", help="a package it needs"
    )
    validate.set_defaults(handler=_validate)
    test = actions.add_parser("test", help="run a package's scenarios in a tenant made for the purpose")
    test.add_argument("path")
    test.add_argument(
        "--with", dest="others", action="append", default=[], metavar="PATH", help="a package it needs"
    )
    test.add_argument(
        "--only", action="append", default=[], metavar="NAME", help="a document or scenario; repeatable"
    )
    test.set_defaults(handler=_test)
    build = actions.add_parser("build", help="check a package folder and write it as one zip")
    build.add_argument("path")
    build.add_argument(
        "--with", dest="others", action="append", default=[], metavar="PATH", help="a package it needs"
    )
    build.add_argument("--out", default=".", metavar="FOLDER", help="where to write it (default: here)")
    build.set_defaults(handler=_build)
    for name, summary, handler in (
        ("plan", "what installing a package into a tenant would do", _plan),
        ("install", "install a package into a tenant that is in use", _install),
    ):
        action = actions.add_parser(name, help=summary)
        action.add_argument("path")
        action.add_argument("--tenant", required=True)
        action.set_defaults(handler=handler)
        if name == "install":
            action.add_argument(
                "--consent", action="append", default=[], metavar="CHANGE", help="agree to a loss; repeatable"
            )


def run(arguments: argparse.Namespace, output: Output) -> int:
    return int(arguments.handler(arguments, output))


def _checked(arguments: argparse.Namespace) -> tuple[Package, list[str]]:
    """The package when it has no problems, with what there is to note about it."""
    packages = [read_package(path) for path in [*arguments.others, arguments.path]]
    compiled = compile_model(packages)
    if compiled.model is None:
        raise PackageError(compiled.problems)
    return packages[-1], [str(note) for note in (*packages[-1].notes, *compiled.notes)]


def _build(arguments: argparse.Namespace, output: Output) -> int:
    if not Path(arguments.path).is_dir():
        message = f'"{arguments.path}" is no folder; a package is built from one'
        raise PackageError([Problem("", "package.missing", message)])
    package, notes = _checked(arguments)
    for note in notes:
        output.note(f"note: {note}")
    target = Path(arguments.out) / f"{package.name}-{package.version}.zip"
    target.parent.mkdir(parents=True, exist_ok=True)
    pack(Path(arguments.path), target)
    data = {"file": str(target), "package": package.name, "version": package.version}
    output.result(data, str(target))
    return 0


def _validate(arguments: argparse.Namespace, output: Output) -> int:
    package, notes = _checked(arguments)
    for note in notes:
        output.note(f"note: {note}")
    data = {
        "package": package.name,
        "version": package.version,
        "documents": len(package.documents),
        "notes": notes,
    }
    output.result(data, f"{package.name} {package.version}: {len(package.documents)} documents, no problems")
    return 0


def _test(arguments: argparse.Namespace, output: Output) -> int:
    with open_services(read_settings()) as services:
        outcomes = check_package(services.engine, arguments.path, arguments.others, arguments.only)
    lines = []
    for outcome in outcomes:
        lines.append(f"{'ok  ' if outcome.passed else 'FAIL'}  {outcome.document}: {outcome.title}")
        lines += [f"      {problem}" for problem in outcome.problems]
    failed = sum(not outcome.passed for outcome in outcomes)
    seconds = sum(outcome.seconds for outcome in outcomes)
    output.rows([outcome.to_json() for outcome in outcomes], lines)
    output.note(f"{len(outcomes)} scenarios, {failed} failed, {seconds:.1f} s")
    return 1 if failed else 0


def _plan(arguments: argparse.Namespace, output: Output) -> int:
    with open_services(read_settings()) as services:
        plan = plan_adding(services.engine, _context(services, arguments.tenant), arguments.path)
    _show(plan, output)
    return 1 if plan.problems else 0


def _install(arguments: argparse.Namespace, output: Output) -> int:
    with open_services(read_settings()) as services:
        context = _context(services, arguments.tenant)
        plan = plan_adding(services.engine, context, arguments.path)
        result = add_package(services.engine, context, arguments.path, plan.hash, arguments.consent)
    output.result(
        {"tenant": arguments.tenant, "revision": result.revision}, f"revision {result.revision} is live"
    )
    return 0


def _context(services: Services, tenant: str) -> Context:
    with services.engine.database.connection() as connection:
        found = need_tenant(connection, tenant)
    return services.engine.system_context(found)


def _show(plan: PublishPlan, output: Output) -> None:
    data: dict[str, Any] = {
        "base": plan.base,
        "plan": plan.hash,
        "changes": [change.to_json() for change in plan.changes],
        "problems": [str(problem) for problem in plan.problems],
    }
    lines = [f"{change.cls:<12} {change.title}" for change in plan.changes]
    output.result(data, "\n".join([*lines, *data["problems"]]) or "nothing changes")
