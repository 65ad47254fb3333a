"""The embedded PostgreSQL and Valkey: started for whoever needs them, shared, stopped by the last user.

`with servers(home) as endpoints:` gives addresses that answer, whatever state the last crash left behind.
Everything belongs to one home folder. Users of a home hold a shared file lock; the kernel drops it when
they die, so that no count can go stale. Liveness is a successful connection, never a pid in a file.

Layout of a home: `run/` (locks, endpoints.json, secrets.json), `servers/` (data and sockets, owned by the
account that the servers run under; a link to /var/lib/fieldstone when that account cannot reach the home)
and `log/`.

This folder imports only `fieldstone.problems`. Public names: `servers`, `Embedded`, `Endpoints`.
"""

from fieldstone.app.embedded.endpoints import Endpoints
from fieldstone.app.embedded.servers import Embedded, servers

__all__ = ["Embedded", "Endpoints", "servers"]
