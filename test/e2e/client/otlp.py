"""Sends one span by plain OTLP over HTTP, as any OpenTelemetry exporter does, with the key as Bearer token.

    python otlp.py <experiment id>
"""

import os
import sys
import time

import requests
from mlflow.tracking import MlflowClient
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

experiment_id = sys.argv[1]
request = ExportTraceServiceRequest()
span = request.resource_spans.add().scope_spans.add().spans.add()
span.trace_id = os.urandom(16)
span.span_id = os.urandom(8)
span.name = "otlp span"
span.start_time_unix_nano = time.time_ns()
span.end_time_unix_nano = span.start_time_unix_nano + 1_000_000

answer = requests.post(
    os.environ["MLFLOW_TRACKING_URI"] + "/v1/traces",
    data=request.SerializeToString(),
    headers={
        "Content-Type": "application/x-protobuf",
        "Authorization": "Bearer " + os.environ["MLFLOW_TRACKING_TOKEN"],
        "x-mlflow-experiment-id": experiment_id,
    },
    timeout=60,
)
answer.raise_for_status()
names = [span.name for trace in MlflowClient().search_traces([experiment_id]) for span in trace.data.spans]
assert "otlp span" in names, names
print("stored")
