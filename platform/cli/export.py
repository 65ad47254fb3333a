"""`fieldstone export`: records to a file."""

import argparse
import sys
from pathlib import Path

from fieldstone.app.services import open_services
from fieldstone.app.settings import read_settings
from fieldstone.cli.actors import add_actor, context_of
from fieldstone.cli.output import Output
from fieldstone.engine.exports import FORMATS, ExportRequest, export


def configure(parser: argparse.ArgumentParser) -> None:
    add_actor(parser)
    parser.add_argument("--entity", required=True, help="whose records")
    parser.add_argument("--format", choices=sorted(FORMATS), help="default: by the file's name, else csv")
    parser.add_argument("--filter", help="an expression, for example \"status == 'open'\"")
    parser.add_argument("--fields", help="fields with commas in between (default: all)")
    parser.add_argument("--titles", action="store_true", help="titles instead of names, for people")
    parser.add_argument("-o", "--output", type=Path, help="the file (default: standard output)")


def run(arguments: argparse.Namespace, output: Output) -> int:
    suffix = arguments.output.suffix.lstrip(".").lower() if arguments.output else ""
    kind = arguments.format or (suffix if suffix in FORMATS else "csv")
    fields = tuple(name.strip() for name in arguments.fields.split(",")) if arguments.fields else None
    request = ExportRequest(filter=arguments.filter, fields=fields, titles=arguments.titles)
    with open_services(read_settings()) as services:
        context = context_of(services, arguments)
        if arguments.output is None:
            export(services.engine, context, arguments.entity, request, kind, sys.stdout.buffer)
            sys.stdout.flush()
            return 0
        part = arguments.output.with_name(arguments.output.name + ".part")
        try:
            with part.open("wb") as target:
                count = export(services.engine, context, arguments.entity, request, kind, target)
            part.replace(arguments.output)
        finally:
            part.unlink(missing_ok=True)
    output.result({"file": str(arguments.output), "format": kind, "records": count}, f"{count} records")
    return 0
