"""Logs a run with a metric, and lists the keys of this key's user."""

import json
import os
import urllib.request

import mlflow

with mlflow.start_run() as run:
    mlflow.log_metric("accuracy", 0.93)
print("logged", run.info.run_id)

request = urllib.request.Request(
    os.environ["HOKUSAI_API_URL"] + "/api/v1/auth/keys",
    headers={"Authorization": "Bearer " + os.environ["MLFLOW_TRACKING_TOKEN"]},
)
with urllib.request.urlopen(request, timeout=30) as answer:
    for key in json.load(answer)["data"]:
        print("key", key["name"])
