"""Prints the traces of an experiment as JSON, each with the names of its spans and their attributes.

    python find_traces.py <experiment id>
"""

import json
import sys

from mlflow.tracking import MlflowClient

traces = MlflowClient().search_traces([sys.argv[1]])
print(
    json.dumps(
        [
            {
                "trace_id": trace.info.trace_id,
                "spans": [[span.name, span.attributes.get("question")] for span in trace.data.spans],
            }
            for trace in traces
        ]
    )
)
