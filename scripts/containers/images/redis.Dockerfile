# Stands in for the redis image, as far as compose.yaml uses it: Debian's server.
FROM debian:trixie-slim
RUN groupadd --gid 1000 redis && useradd --uid 999 --gid redis redis \
    && apt-get update && apt-get install -y --no-install-recommends redis-server && rm -rf /var/lib/apt/lists/* \
    && mkdir -p /data && chown redis:redis /data
VOLUME /data
WORKDIR /data
CMD ["redis-server"]
