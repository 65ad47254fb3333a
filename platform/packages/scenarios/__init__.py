"""Scenarios: what packages say must be true of them, run through the engine's own verbs.

Format and checks of `tests/*.json` are `metadata`'s. May import the engine, metadata and this package's seeding. Public
names are those below; `run_scenarios` works in any open transaction, `scenarios_hold` inside a publish.
"""

from fieldstone.packages.scenarios.definitions import Scenario, scenarios_of
from fieldstone.packages.scenarios.run import Outcome, run_scenarios
from fieldstone.packages.scenarios.scratch import ScenariosFailed, check_package, scenarios_hold

__all__ = [
    "Outcome", "Scenario", "ScenariosFailed", "check_package", "run_scenarios", "scenarios_hold", "scenarios_of",
]  # fmt: skip
