"""`fieldstone worker`: take jobs, beside those that `serve` starts."""

import argparse

from fieldstone.app.logs import configure_logs
from fieldstone.app.services import open_services
from fieldstone.app.settings import read_settings
from fieldstone.app.worker import run_worker
from fieldstone.cli.output import Output


def configure(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "Takes jobs until it is told to stop (SIGTERM, Ctrl-C); the job at hand is finished first."
    )


def run(arguments: argparse.Namespace, output: Output) -> int:
    settings = read_settings()
    configure_logs(settings.log_level)
    with open_services(settings) as services:
        output.note("worker: waiting for jobs")
        run_worker(services)
    output.result({"stopped": True}, "worker: stopped")
    return 0
