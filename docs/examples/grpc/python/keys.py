"""A tour of key management over gRPC: creates a key, lists, rotates and revokes it.

    pip install -r requirements.lock.txt
    python -m grpc_tools.protoc -I protos --python_out=build --grpc_python_out=build protos/hokusai/keys/v1/*.proto
    PYTHONPATH=build KEYS_GRPC_URL=127.0.0.1:PORT KEYS_GRPC_TOKEN=… ACTING_KEY_ID=… python keys.py
"""

import os
import sys
import uuid

import grpc
from google.protobuf.duration_pb2 import Duration
from google.rpc import error_details_pb2
from grpc_status import rpc_status
from hokusai.keys.v1 import management_pb2 as keys
from hokusai.keys.v1 import management_pb2_grpc, types_pb2

# Without a deadline a caller waits for as long as the service lets it.
DEADLINE_SECONDS = 10


def open_channel() -> grpc.Channel:
    """TLS if KEYS_GRPC_TLS_CA names a file with certificates of authorities, else plain HTTP/2."""
    url, ca = os.environ["KEYS_GRPC_URL"], os.environ.get("KEYS_GRPC_TLS_CA")
    if ca is None:
        return grpc.insecure_channel(url)
    with open(ca, "rb") as file:
        return grpc.secure_channel(url, grpc.ssl_channel_credentials(file.read()))


def main() -> int:
    # Who calls: this program. For whom: the key that acts, whose owner answers for what is done.
    metadata = [("authorization", f"Bearer {os.environ['KEYS_GRPC_TOKEN']}")]
    options = {"metadata": metadata, "timeout": DEADLINE_SECONDS}
    caller = types_pb2.Caller(acting_key_id=os.environ["ACTING_KEY_ID"], request_id=str(uuid.uuid4()))

    with open_channel() as channel:
        service = management_pb2_grpc.KeyManagementServiceStub(channel)

        created = service.CreateKey(keys.CreateKeyRequest(caller=caller, name="from Python"), **options)
        # created.plaintext is the whole key. It is answered this once: hand it on, and log its prefix only.
        print(f"created {created.key.key_prefix}")

        count, cursor = 0, ""
        while True:
            page = service.ListKeys(keys.ListKeysRequest(caller=caller, page_size=100, cursor=cursor), **options)
            count, cursor = count + len(page.keys), page.next_cursor
            if not cursor:
                break
        print(f"{count} keys")

        grace = Duration(seconds=3600)
        request = keys.RotateKeyRequest(caller=caller, key_id=created.key.id, grace_period=grace)
        rotated = service.RotateKey(request, **options)
        print(f"rotated to {rotated.key.key_prefix}; {rotated.key.retired_secrets[0].key_prefix} works for an hour")

        request = keys.RevokeKeyRequest(caller=caller, key_id=created.key.id, reason="end of the tour")
        print(f"revoked {service.RevokeKey(request, **options).revoked_count}")

        try:
            wrong = keys.CreateKeyRequest(caller=caller, name="", allowed_ips=["10.0.0.0/8", "nowhere"])
            service.CreateKey(wrong, **options)
        except grpc.RpcError as error:
            print_error(error)
    return 0


def print_error(error: grpc.RpcError) -> None:
    """What went wrong, with the details of `grpc-status-details-bin`."""
    print(f"{error.code().name}: {error.details()}")
    status = rpc_status.from_call(error)
    for detail in status.details if status else []:
        info, fields, retry = error_details_pb2.ErrorInfo(), error_details_pb2.BadRequest(), error_details_pb2.RetryInfo()
        if detail.Unpack(info):
            print(f"  reason {info.reason} of {info.domain}")
        elif detail.Unpack(fields):
            for violation in fields.field_violations:
                print(f"  {violation.field}: {violation.description}")
        elif detail.Unpack(retry):
            print(f"  may succeed after {retry.retry_delay.seconds} s")


if __name__ == "__main__":
    try:
        sys.exit(main())
    except grpc.RpcError as error:
        print_error(error)
        sys.exit(1)
