"""Serves a room's calendar by Radicale, a CalDAV server that nobody here wrote.

Writes a line of JSON with the port. Then reads lines of JSON: `{"method": …, "path": …, "body": …}` is done as the owner
of the calendar would, by HTTP, and the status written; `{"method": "STOP"}` ends the server until the next line.
"""
import base64
import json
import sys
import tempfile
import threading
import urllib.error
import urllib.request
from wsgiref.simple_server import WSGIRequestHandler, make_server

from radicale import Application, config


class Quiet(WSGIRequestHandler):
    def log_message(self, *_):
        pass


def application(folder):
    with open(f"{folder}/users", "w") as users:
        users.write("rivoli:s€cret\n")
    configuration = config.load()
    configuration.update({
        "auth": {"type": "htpasswd", "htpasswd_filename": f"{folder}/users", "htpasswd_encryption": "plain", "delay": "0"},
        "storage": {"filesystem_folder": f"{folder}/collections"},
        "logging": {"level": "critical"},
    }, "test", privileged=True)
    return Application(configuration)


def serve(program, port=0):
    server = make_server("127.0.0.1", port, program, handler_class=Quiet)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def ask(port, request):
    token = base64.b64encode("rivoli:s€cret".encode()).decode()
    body = request.get("body")
    sent = urllib.request.Request(
        f"http://127.0.0.1:{port}{request['path']}", body and body.encode(), {"Authorization": f"Basic {token}"},
        method=request["method"])
    try:
        return urllib.request.urlopen(sent, timeout=20).status
    except urllib.error.HTTPError as error:
        return error.code


def main():
    with tempfile.TemporaryDirectory() as folder:
        program = application(folder)
        server = serve(program)
        port = server.server_port
        print(json.dumps(port), flush=True)
        for line in sys.stdin:
            request = json.loads(line)
            if server is None:
                server = serve(program, port)
            if request["method"] == "STOP":
                server.shutdown()
                server.server_close()
                server = None
                print(0, flush=True)
            else:
                print(ask(port, request), flush=True)


main()
