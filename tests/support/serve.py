"""Serves moto on a free loopback port, and ends with whoever started it.

The port is the one line on standard output. Standard input is the leash: it closes when the
starting process ends, however that happens, so no server is ever left behind.
"""

import os
import sys
import threading

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import WSGIRequestHandler, make_server


class Quiet(WSGIRequestHandler):
    """Logs failures only; thousands of requests pass in a test run."""

    def log_request(self, code="-", size="-"):
        pass


server = make_server(
    "127.0.0.1",
    0,
    DomainDispatcherApplication(create_backend_app),
    threaded=True,
    request_handler=Quiet,
)
threading.Thread(target=server.serve_forever, daemon=True).start()
print(server.port, flush=True)
# What moto prints of services that it lacks: nobody reads standard output any more, and a broken pipe
# would be taken for a caller that went away.
sys.stdout = sys.stderr
sys.stdin.read()
os._exit(0)
