"""The whole tracking flow with the stock MLflow client, of any version since 2.0.

The client is configured by its own environment variables, as a data scientist does it. Prints one JSON
object with what was done and read back; fails with the client's own exception.

    python flow.py <experiment name> <registered model name>
"""

import json
import os
import sys
import tempfile
from pathlib import Path

import mlflow
from mlflow.entities import Metric, Param, RunTag
from mlflow.tracking import MlflowClient

LARGE_FILE_BYTES = 32 * 1024 * 1024


class Doubler(mlflow.pyfunc.PythonModel):
    def predict(self, context, model_input, params=None):
        return [2 * value for value in model_input["x"]]


def log_run(folder: Path) -> str:
    with mlflow.start_run(run_name="first") as run:
        mlflow.log_param("alpha", 0.5)
        for step in range(3):
            mlflow.log_metric("loss", 1.0 / (step + 1), step=step)
        mlflow.set_tag("stage", "trial")
        MlflowClient().log_batch(
            run.info.run_id,
            metrics=[Metric("accuracy", 0.9, 1_700_000_000_000, step) for step in range(50)],
            params=[Param("layers", "3"), Param("name", "ä ö ü / %2F;x")],
            tags=[RunTag("team", "vision")],
        )
        mlflow.log_artifact(str(folder / "empty.txt"))
        mlflow.log_artifacts(str(folder), artifact_path="all files")
    return run.info.run_id


def check_run(run_id: str, folder: Path) -> dict:
    client = MlflowClient()
    run = client.get_run(run_id)
    assert run.info.status == "FINISHED", run.info.status
    assert run.data.params == {"alpha": "0.5", "layers": "3", "name": "ä ö ü / %2F;x"}, run.data.params
    assert len(client.get_metric_history(run_id, "accuracy")) == 50
    assert [m.value for m in client.get_metric_history(run_id, "loss")] == [1.0, 0.5, 1.0 / 3]
    with tempfile.TemporaryDirectory() as target:
        for name in ("empty.txt", "large.bin", "with ü; and space.txt"):
            path = client.download_artifacts(run_id, f"all files/{name}", target)
            assert Path(path).read_bytes() == (folder / name).read_bytes(), name
    listed = sorted(artifact.path for artifact in client.list_artifacts(run_id))
    assert listed == ["all files", "empty.txt"], listed
    return {"user": run.data.tags.get("mlflow.user"), "params": len(run.data.params)}


def log_and_load_model(model_name: str) -> None:
    import pandas

    with mlflow.start_run(run_name="model") as run:
        mlflow.pyfunc.log_model(
            "model",
            python_model=Doubler(),
            registered_model_name=model_name,
            pip_requirements=["cloudpickle"],  # else the client spends ten seconds on finding out
        )
    frame = pandas.DataFrame({"x": [1, 2, 3]})
    loaded = mlflow.pyfunc.load_model(f"models:/{model_name}/1")
    assert list(loaded.predict(frame)) == [2, 4, 6]
    assert run.info.run_id


def check_registry(model_name: str) -> list:
    client = MlflowClient()
    done = ["search_registered_models", "model_tags"]
    names = [model.name for model in client.search_registered_models(f"name = '{model_name}'")]
    assert names == [model_name], names
    client.set_registered_model_tag(model_name, "owner", "team")
    client.set_model_version_tag(model_name, "1", "checked", "yes")
    client.delete_model_version_tag(model_name, "1", "checked")
    if hasattr(client, "set_registered_model_alias"):
        client.set_registered_model_alias(model_name, "champion", "1")
        assert str(client.get_model_version_by_alias(model_name, "champion").version) == "1"
        client.delete_registered_model_alias(model_name, "champion")
        done.append("aliases")
    return done


def check_search_and_deletion(experiment_id: str, run_id: str) -> None:
    client = MlflowClient()
    found = mlflow.search_runs([experiment_id], filter_string="params.alpha = '0.5'")
    assert list(found["run_id"]) == [run_id], found
    client.set_tag(run_id, "note", "x")
    client.delete_tag(run_id, "note")
    client.delete_run(run_id)
    assert client.get_run(run_id).info.lifecycle_stage == "deleted"
    client.restore_run(run_id)
    assert client.get_run(run_id).info.lifecycle_stage == "active"
    started = client.create_run(experiment_id)
    client.set_terminated(started.info.run_id, status="KILLED")
    assert client.get_run(started.info.run_id).info.status == "KILLED"


def log_trace(experiment_id: str) -> list:
    if not hasattr(mlflow, "search_traces"):
        return []

    @mlflow.trace(name="answer")
    def answer(question):
        return question.upper()

    answer("why")
    if hasattr(mlflow, "flush_trace_async_logging"):
        mlflow.flush_trace_async_logging()
    traces = MlflowClient().search_traces([experiment_id])
    assert len(traces) == 1, traces
    return ["traces"]


def main() -> None:
    experiment_name, model_name = sys.argv[1:3]
    with tempfile.TemporaryDirectory() as path:
        folder = Path(path)
        (folder / "empty.txt").touch()
        (folder / "large.bin").write_bytes(os.urandom(1024) * (LARGE_FILE_BYTES // 1024))
        (folder / "with ü; and space.txt").write_text("text\n")
        experiment = mlflow.set_experiment(experiment_name)
        run_id = log_run(folder)
        run = check_run(run_id, folder)
    log_and_load_model(model_name)
    done = check_registry(model_name)
    check_search_and_deletion(experiment.experiment_id, run_id)
    done += log_trace(experiment.experiment_id)
    print(json.dumps({"version": mlflow.__version__, "run_id": run_id, "experiment_id": experiment.experiment_id, "done": done, **run}))


if __name__ == "__main__":
    main()
