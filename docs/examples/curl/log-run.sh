#!/usr/bin/env bash
# Logs a run with a metric, and lists the keys of this key's user. Needs curl, and Python to read JSON.
set -euo pipefail

# The key goes in by a file descriptor: arguments can be read by every user of the machine.
call() {
  curl --silent --show-error --fail-with-body --header 'Content-Type: application/json' \
    --header @<(printf 'Authorization: Bearer %s\n' "$MLFLOW_TRACKING_TOKEN") "$@"
}
pick() { python3 -c "import json, sys; answer = json.load(sys.stdin); $1"; }

api="$MLFLOW_TRACKING_URI/api/2.0/mlflow"
now() { echo "$(date +%s)000"; }

run=$(call "$api/runs/create" --data "{\"experiment_id\": \"0\", \"start_time\": $(now)}" |
  pick 'print(answer["run"]["info"]["run_id"])')
call "$api/runs/log-metric" --output /dev/null \
  --data "{\"run_id\": \"$run\", \"key\": \"accuracy\", \"value\": 0.93, \"timestamp\": $(now)}"
call "$api/runs/update" --output /dev/null \
  --data "{\"run_id\": \"$run\", \"status\": \"FINISHED\", \"end_time\": $(now)}"
echo "logged $run"

call "$HOKUSAI_API_URL/api/v1/auth/keys" | pick 'print(*("key " + key["name"] for key in answer["data"]), sep="\n")'
