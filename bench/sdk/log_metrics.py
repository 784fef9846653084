"""Logs metrics with MLflow's client, in batches. Prints what that took."""

import json
import sys
import time

import mlflow
from mlflow.entities import Metric
from mlflow.tracking import MlflowClient

metrics, keys, batch = (int(argument) for argument in sys.argv[1:])
client = MlflowClient()
with mlflow.start_run(run_name="bench") as run:
    run_id = run.info.run_id
    client.log_metric(run_id, "first", 0)

    start, before = time.perf_counter(), time.process_time()
    for first in range(0, metrics, batch):
        now = int(time.time() * 1000)
        client.log_batch(
            run_id,
            metrics=[
                Metric(f"metric-{index % keys}", index / 7, now, index // keys)
                for index in range(first, min(first + batch, metrics))
            ],
        )
    cpu_seconds = time.process_time() - before
    seconds = time.perf_counter() - start
print(json.dumps({"runId": run_id, "seconds": seconds, "cpuSeconds": cpu_seconds}))
