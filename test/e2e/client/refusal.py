"""Makes one call that will be refused and prints what the client's user sees: exception class and text."""

import sys

from mlflow.tracking import MlflowClient

try:
    if sys.argv[1] == "search":
        MlflowClient().search_experiments()
    elif sys.argv[1] == "create":
        MlflowClient().create_experiment(sys.argv[2])
    elif sys.argv[1] == "artifact":
        MlflowClient().log_artifact(sys.argv[2], sys.argv[3])
    elif sys.argv[1] == "delete":
        MlflowClient().delete_run(sys.argv[2])
    print("not refused")
except Exception as error:  # noqa: BLE001 - whatever the client shows is what we want to see
    print(f"{type(error).__name__}: {error}")
