import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { SERVICE_SECRETS } from '../../packages/local-stack/src/containers/secret-files.ts';
import { PORTS_IN_CONTAINERS } from '../../packages/local-stack/src/index.ts';
import { serviceConfig as audit } from '../../services/audit/src/config.ts';
import { gatewayConfig as gateway } from '../../services/gateway/src/config.ts';
import { serviceConfig as keys } from '../../services/keys/src/config.ts';
import { serviceConfig as usage } from '../../services/usage/src/config.ts';
import { COLLECTOR_IMAGE, IMAGES } from './images.ts';

const root = join(import.meta.dirname, '../..');
const read = (path: string) => readFileSync(join(root, path), 'utf8');

interface ComposeService {
  image: string;
  pull_policy?: string;
  build?: { target: string };
  environment?: Record<string, string>;
  healthcheck?: object;
  networks?: string[];
  ports?: string[];
  read_only?: boolean;
  restart?: string;
  user?: string;
  cap_drop?: string[];
  volumes?: string[];
}

const compose = parse(read('compose.yaml'), { merge: true }) as {
  services: Record<string, ComposeService>;
  networks: Record<string, { internal?: boolean }>;
};
const dockerfile = read('Dockerfile');
const CONFIGURATIONS = { keys, usage, audit, gateway };
const SERVICES = Object.keys(CONFIGURATIONS) as (keyof typeof CONFIGURATIONS)[];

/** A service's environment with `set` in `${NAME:-default}`, and without what its image sets; empty is as good as absent. */
function environmentOf(name: string, set: Readonly<Record<string, string>> = {}): Record<string, string> {
  const given = Object.entries(compose.services[name]?.environment ?? {});
  const filledIn = given.map(([key, value]) => [key, fillIn(value, set)] as const);
  return Object.fromEntries(filledIn.filter(([, value]) => value !== ''));
}

/** From within: a default may name variables too. */
function fillIn(text: string, set: Readonly<Record<string, string>>): string {
  const filledIn = text.replace(
    /\$\{(\w+):-([^${}]*)\}/g,
    (_, variable: string, otherwise: string) => set[variable] || otherwise,
  );
  return filledIn === text ? text : fillIn(filledIn, set);
}

describe('compose.yaml', () => {
  for (const name of SERVICES) {
    it(`gives ${name} variables that it reads, and all that it requires`, () => {
      const { shape } = CONFIGURATIONS[name];
      const given = Object.keys(environmentOf(name)).map((variable) =>
        variable in shape ? variable : variable.replace(/_FILE$/, ''),
      );
      assert.deepEqual(
        given.filter((variable) => !(variable in shape)),
        [],
      );
      const required = Object.entries(shape).filter(([, schema]) => !schema.safeParse(undefined).success);
      assert.deepEqual(
        required.map(([variable]) => variable).filter((variable) => !given.includes(variable)),
        [],
      );
    });

    it(`gives ${name} values that it takes`, () => {
      const { shape } = CONFIGURATIONS[name];
      for (const [variable, value] of Object.entries(environmentOf(name)))
        if (!variable.endsWith('_FILE')) shape[variable as keyof typeof shape]?.parse(value);
    });

    it(`gives ${name} its secrets as files, and no secret otherwise`, () => {
      const files = Object.entries(environmentOf(name)).filter(([variable]) => variable.endsWith('_FILE'));
      const secrets = files.filter(([, path]) => path.startsWith('/run/secrets/'));
      assert.deepEqual(
        secrets.map(([variable, path]) => [variable.replace(/_FILE$/, ''), path]).sort(),
        SERVICE_SECRETS[name].map((secret) => [secret, `/run/secrets/${secret}`]).sort(),
      );
      assert.ok(compose.services[name]?.volumes?.includes(`secrets-${name}:/run/secrets:ro`));
    });

    it(`finds ${name} at the ports that its callers are told`, () => {
      const environment = environmentOf(name);
      const upper = name.toUpperCase();
      assert.equal(environment['HEALTH_PORT'], String(PORTS_IN_CONTAINERS.KEYS_HEALTH_PORT));
      if (name !== 'gateway')
        assert.equal(environment[`${upper}_GRPC_PORT`], String(PORTS_IN_CONTAINERS.KEYS_GRPC_PORT));
    });
  }

  it('never pulls an image that is built here, and has a build for each', () => {
    const ours = Object.entries(compose.services).filter(([, { image }]) => image.startsWith('hokusai/'));
    for (const [name, { pull_policy: policy }] of ours) assert.equal(policy, 'never', name);
    const built = new Set(ours.filter(([, { build }]) => build).map(([, { image }]) => image));
    for (const [name, { image }] of ours) assert.ok(built.has(image), `${name}: nothing builds ${image}`);
    assert.deepEqual(ours.map(([name]) => name).sort(), ['provision', 'secrets', ...SERVICES].sort());
  });

  it('names the images of others by the versions that are pinned', () => {
    const others = Object.values(compose.services).filter(({ image }) => !image.startsWith('hokusai/'));
    for (const { image } of others) assert.match(image, /:v?\d+\.\d+[\w.-]*$/);
    const { node, ...servers } = IMAGES;
    assert.deepEqual(
      Object.entries(servers).map(([name]) => compose.services[name]?.image),
      Object.values(servers),
    );
    assert.equal(compose.services['otel-collector']?.image, COLLECTOR_IMAGE);
    assert.ok(dockerfile.includes(`ARG NODE_IMAGE=${node}\n`));
    assert.ok(read('compose.yaml').includes(`\${NODE_IMAGE:-${node}}`));
  });

  it('runs the versions that a local start runs', () => {
    const lock = (name: string) => /==([\d.]+)/.exec(read(`packages/local-stack/locks/${name}.in`))?.[1];
    assert.ok(IMAGES.mlflow.endsWith(`:v${lock('mlflow')}`), IMAGES.mlflow);
    assert.ok(lock('postgres')?.startsWith(`${/\d+\.\d+/.exec(IMAGES.postgres)?.[0]}.`), IMAGES.postgres);
    assert.ok(IMAGES.nats.startsWith(`nats:${lock('nats')}-`), IMAGES.nats);
  });

  it('publishes the gateway only, on the loopback address only', () => {
    const published = Object.entries(compose.services).filter(([, { ports }]) => ports !== undefined);
    assert.deepEqual(
      published.map(([name]) => name),
      ['gateway'],
    );
    for (const port of published.flatMap(([, { ports }]) => ports ?? []))
      assert.match(port, /^127\.0\.0\.1:/);
    assert.equal(compose.networks['internal']?.internal, true);
    const outside = Object.entries(compose.services).filter(([, { networks }]) =>
      networks?.includes('public'),
    );
    assert.deepEqual(outside.map(([name]) => name).sort(), ['gateway', 'otel-collector']);
  });

  it('tells the gateway as whose pages browsers show it, at the port that is published', () => {
    const origins = (set: Record<string, string>) => environmentOf('gateway', set)['PUBLIC_ORIGINS'];
    assert.equal(origins({}), 'http://127.0.0.1:8080,http://localhost:8080');
    assert.equal(origins({ GATEWAY_PORT: '9090' }), 'http://127.0.0.1:9090,http://localhost:9090');
    assert.equal(origins({ PUBLIC_ORIGINS: 'https://a.example' }), 'https://a.example');
  });

  it('lets no container write to its own files or have rights that it does not need', () => {
    for (const [name, service] of Object.entries(compose.services)) {
      assert.equal(service.read_only, true, name);
      assert.deepEqual(service.cap_drop, ['ALL'], name);
    }
  });

  it('asks each server whether it is well', () => {
    for (const name of ['postgres', 'redis', 'nats', 'mlflow'])
      assert.ok(compose.services[name]?.healthcheck, name);
  });
});

describe('Dockerfile', () => {
  /** The instructions of each stage, by its name. */
  const stages = Object.fromEntries(
    dockerfile
      .split(/^FROM /m)
      .slice(1)
      .map((text) => [/ AS (\S+)/.exec(text)?.[1] ?? '', text]),
  );

  it('has a stage for each service and for what comes before them', () => {
    const targets = Object.values(compose.services).flatMap(({ build }) => build?.target ?? []);
    assert.deepEqual([...new Set(targets)].sort(), [...SERVICES, 'setup'].sort());
    for (const target of targets) assert.ok(stages[target], target);
  });

  it('runs each service as an ordinary user, by the same command as anywhere', () => {
    for (const name of SERVICES) {
      assert.match(stages[name] ?? '', /^USER node$/m, name);
      assert.ok(stages[name]?.includes(`CMD ["node", "services/${name}/src/main.ts"]`), name);
    }
  });

  it('begins with every manifest that the lock file is about', () => {
    const { packages } = JSON.parse(read('package-lock.json')) as { packages: Record<string, unknown> };
    const ours = Object.keys(packages).filter((path) => /^(packages|services)\/[^/]+$|^bench$/.test(path));
    for (const path of ours) assert.ok(dockerfile.includes(`COPY ${path}/package.json ${path}/\n`), path);
  });
});
