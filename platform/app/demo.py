"""What `make run` starts: `serve`, after preparing a place to look around in.

`python -m fieldstone.app.demo [PORT]`
"""

import sys
from collections.abc import Sequence

from fieldstone.app.logs import configure_logs
from fieldstone.app.serve import serve
from fieldstone.app.services import Services
from fieldstone.app.settings import read_settings
from fieldstone.problems import FieldstoneError


def prepare(services: Services) -> Sequence[str]:
    """Runs before requests are served; the lines it returns are printed when they are."""
    return ()


def main(port: int) -> int:
    settings = read_settings()
    configure_logs(settings.log_level)
    try:
        serve(settings, "127.0.0.1", port, lambda text: print(text, flush=True), prepare)
    except FieldstoneError as error:
        print(f"fieldstone: {error.message}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 8000))
