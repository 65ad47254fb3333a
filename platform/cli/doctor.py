"""`fieldstone doctor`: one line per check; exit 1 when one failed."""

import argparse
from dataclasses import asdict

from fieldstone.app.doctor import examine
from fieldstone.app.settings import read_settings
from fieldstone.cli.output import Output


def configure(parser: argparse.ArgumentParser) -> None:
    parser.description = "Checks the installation, the servers and the database, and says how to mend each."


def run(arguments: argparse.Namespace, output: Output) -> int:
    findings = examine(read_settings())
    width = max(len(finding.name) for finding in findings)
    output.rows(
        [asdict(finding) for finding in findings],
        [f"{'ok  ' if each.ok else 'FAIL'}  {each.name:<{width}}  {each.detail}" for each in findings],
    )
    return 0 if all(finding.ok for finding in findings) else 1
