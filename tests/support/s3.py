"""An S3 server in this process, for tests of object stores. It needs no network and no account."""

import logging
import uuid
from contextlib import contextmanager

import httpx
import pytest

BUCKET = "pulls"


@contextmanager
def served():
    """Start a server with a bucket; yield the variables that clients find it by."""
    server_of = pytest.importorskip("moto.server", reason="moto or flask is missing")
    pytest.importorskip("s3fs", reason="s3fs is missing")
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = server_of.ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        url = f"http://{host}:{port}"
        httpx.put(f"{url}/{BUCKET}", trust_env=False).raise_for_status()
        yield {
            "AWS_ACCESS_KEY_ID": "opens",
            "AWS_SECRET_ACCESS_KEY": "nothing",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_ENDPOINT_URL": url,
            "NO_PROXY": "*",
        }
    finally:
        server.stop()


def new_prefix():
    """Return the URL of a prefix in which there is nothing."""
    return f"s3://{BUCKET}/{uuid.uuid4()}"
