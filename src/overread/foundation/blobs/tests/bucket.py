"""An S3 bucket for tests, on a moto server on loopback. Take the fixture with `from ...tests.bucket import bucket`."""

import secrets

import pytest


class Bucket:
    """A bucket on a moto server on loopback, and a way to spoil what it holds."""

    def __init__(self, endpoint: str) -> None:
        boto3 = pytest.importorskip("boto3", reason="NOT RUN: boto3 is not installed")
        self.client = boto3.client("s3", endpoint_url=endpoint, region_name="eu-west-2")
        self.name = f"images-{secrets.token_hex(4)}"  # moto's buckets outlive its server
        self.client.create_bucket(Bucket=self.name, CreateBucketConfiguration={"LocationConstraint": "eu-west-2"})
        self.url = f"s3://{self.name}/overread?region=eu-west-2&endpoint={endpoint}"

    def spoil(self, key: str) -> None:
        self.client.put_object(Bucket=self.name, Key=f"overread/{key}", Body=b"other bytes")


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch):  # type: ignore[no-untyped-def]
    server = pytest.importorskip("moto.server", reason="NOT RUN: moto is not installed")
    pytest.importorskip("obstore", reason="NOT RUN: obstore is not installed (extra s3)")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    moto = server.ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    moto.start()
    try:
        host, port = moto.get_host_and_port()
        yield Bucket(f"http://{host}:{port}")
    finally:
        moto.stop()
