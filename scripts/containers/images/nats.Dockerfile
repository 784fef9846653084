# Stands in for the nats image of Alpine, as far as compose.yaml uses it: the server, and a wget.
FROM debian:trixie-slim
COPY nats-server /usr/local/bin/nats-server
RUN apt-get update && apt-get install -y --no-install-recommends busybox && rm -rf /var/lib/apt/lists/* \
    && ln -s /bin/busybox /usr/local/bin/wget
CMD ["nats-server"]
