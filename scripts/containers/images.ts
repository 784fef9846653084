/** The images of others that compose.yaml and the Dockerfile name: pinned, and what `npm start` runs where it can be. */
export const IMAGES = {
  node: 'node:24.21.0-trixie-slim',
  postgres: 'postgres:18.6-trixie',
  redis: 'redis:8.0.2',
  nats: 'nats:2.15.1-alpine',
  mlflow: 'ghcr.io/mlflow/mlflow:v3.17.2',
} as const;
export type ImageName = keyof typeof IMAGES;

/** Of the profile `telemetry`, which a deployment can do without. */
export const COLLECTOR_IMAGE = 'otel/opentelemetry-collector-contrib:0.162.0';
