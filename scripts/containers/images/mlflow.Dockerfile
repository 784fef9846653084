# Stands in for MLflow's image: the same version from the lock file of `npm start`.
FROM debian:trixie-slim
COPY ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY mlflow.txt /tmp/mlflow.txt
RUN apt-get update && apt-get install -y --no-install-recommends python3 python3-venv \
    && rm -rf /var/lib/apt/lists/* && python3 -m venv /opt/mlflow \
    && PIP_CERT=/etc/ssl/certs/ca-certificates.crt /opt/mlflow/bin/pip install --no-cache-dir --require-hashes -r /tmp/mlflow.txt
ENV PATH=/opt/mlflow/bin:$PATH
CMD ["mlflow", "--help"]
