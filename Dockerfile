# One image for each service, and `setup`, which makes secrets, databases and streams:
#     docker build --target gateway --tag hokusai/gateway .
ARG NODE_IMAGE=node:24.21.0-trixie-slim

# What all of them are made from. Manifests come first, so that a change of the sources installs nothing anew.
FROM ${NODE_IMAGE} AS sources
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
COPY bench/package.json bench/
COPY packages/audit-chain/package.json packages/audit-chain/
COPY packages/cli/package.json packages/cli/
COPY packages/contracts/package.json packages/contracts/
COPY packages/key-format/package.json packages/key-format/
COPY packages/local-stack/package.json packages/local-stack/
COPY packages/sdk/package.json packages/sdk/
COPY packages/service-kit/package.json packages/service-kit/
COPY packages/testing/package.json packages/testing/
COPY services/audit/package.json services/audit/
COPY services/gateway/package.json services/gateway/
COPY services/keys/package.json services/keys/
COPY services/usage/package.json services/usage/
COPY docker docker

FROM sources AS keys-build
RUN npm ci --omit=dev --omit=optional --workspace services/keys
COPY protos protos
COPY packages packages
COPY services services
RUN node docker/gather.mjs /app services/keys

FROM sources AS usage-build
RUN npm ci --omit=dev --omit=optional --workspace services/usage
COPY protos protos
COPY packages packages
COPY services services
RUN node docker/gather.mjs /app services/usage

FROM sources AS audit-build
RUN npm ci --omit=dev --omit=optional --workspace services/audit
COPY protos protos
COPY packages packages
COPY services services
RUN node docker/gather.mjs /app services/audit

FROM sources AS gateway-build
RUN npm ci --omit=dev --omit=optional --workspace services/gateway
COPY protos protos
COPY packages packages
COPY services services
RUN node docker/gather.mjs /app services/gateway

FROM sources AS setup-build
RUN npm ci --omit=dev --omit=optional --workspace packages/local-stack --workspace services/keys --workspace services/usage --workspace services/audit
COPY protos protos
COPY packages packages
COPY services services
RUN node docker/gather.mjs /app packages/local-stack services/keys services/usage services/audit

# What all of them run on: no sources of others, nothing to install more with, nobody's rights.
FROM ${NODE_IMAGE} AS base
ENV NODE_ENV=production NODE_OPTIONS=--disable-warning=ExperimentalWarning
WORKDIR /app
RUN rm -rf /usr/local/lib/node_modules /usr/local/bin/npm /usr/local/bin/npx /usr/local/bin/corepack /usr/local/bin/yarn* /opt/yarn*

FROM base AS service
COPY docker/healthcheck.mjs /usr/local/lib/hokusai/
ENV HEALTH_HOST=0.0.0.0 HEALTH_PORT=8081
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \
  CMD ["node", "/usr/local/lib/hokusai/healthcheck.mjs"]
# Where volumes are mounted: they take the owner of what they cover.
RUN mkdir -p /var/lib/hokusai && chown node:node /var/lib/hokusai

FROM service AS keys
COPY --from=keys-build /app .
ENV KEYS_GRPC_HOST=0.0.0.0 KEYS_GRPC_PORT=9000
USER node
CMD ["node", "services/keys/src/main.ts"]

FROM service AS usage
COPY --from=usage-build /app .
ENV USAGE_GRPC_HOST=0.0.0.0 USAGE_GRPC_PORT=9000
USER node
CMD ["node", "services/usage/src/main.ts"]

FROM service AS audit
COPY --from=audit-build /app .
ENV AUDIT_GRPC_HOST=0.0.0.0 AUDIT_GRPC_PORT=9000
USER node
CMD ["node", "services/audit/src/main.ts"]

FROM base AS setup
COPY --from=setup-build /app .
USER node
CMD ["node", "packages/local-stack/src/container-provision.ts"]

FROM service AS gateway
COPY --from=gateway-build /app .
ENV GATEWAY_HOST=0.0.0.0 GATEWAY_PORT=8080
EXPOSE 8080
USER node
CMD ["node", "services/gateway/src/main.ts"]
