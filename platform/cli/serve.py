"""`fieldstone serve`."""

import argparse

from fieldstone.app.logs import configure_logs
from fieldstone.app.serve import serve
from fieldstone.app.settings import read_settings
from fieldstone.cli.arguments import port
from fieldstone.cli.output import Output


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: 127.0.0.1)")
    parser.add_argument("--port", type=port, default=8000, help="port, 0 for a free one (default: 8000)")


def run(arguments: argparse.Namespace, output: Output) -> int:
    settings = read_settings()
    configure_logs(settings.log_level)
    serve(settings, arguments.host, arguments.port, lambda text: output.result({"message": text}, text))
    return 0
