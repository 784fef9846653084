"""
Makes calls with MLflow's client that fail, each as its user had set it up, and tells what the user then reads.

Gets a JSON list on its standard input, of {"env": {name: value}, "call": [name, argument ...]}, and prints a list of the
last part of each traceback: the exception's class and text.
"""

import json
import os
import sys
import tempfile
import traceback

from mlflow.tracking import MlflowClient

CALLS = {
    "search": lambda client: client.search_experiments(),
    "create": lambda client, name: client.create_experiment(name),
    "delete": lambda client, run: client.delete_run(run),
    "run": lambda client, run: client.get_run(run),
    "upload": lambda client, run: client.log_text(run, "some text", "file.txt"),
}


def shown(env, call):
    os.environ.update(env)
    try:
        name, *arguments = call
        CALLS[name](MlflowClient(os.environ["MLFLOW_TRACKING_URI"]), *arguments)
        return "nothing: the call succeeded"
    except Exception as error:  # whatever the client shows is what is asked for
        return "".join(traceback.format_exception_only(error)).rstrip()
    finally:
        for name in env:
            del os.environ[name]


def netrc(env, folder):
    """What stands in `env` as NETRC_TEXT is put into a file, as a user has it."""
    text = env.pop("NETRC_TEXT", None)
    if text is None:
        return env
    path = os.path.join(folder, "netrc")
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    return {**env, "NETRC": path}


with tempfile.TemporaryDirectory() as folder:
    situations = json.load(sys.stdin)
    json.dump([shown(netrc(each["env"], folder), each["call"]) for each in situations], sys.stdout)
