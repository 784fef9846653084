/** The variables `<SERVICE>_GRPC_…` of a gRPC server, and those of its callers. */
import { type ClientTls, hostsOf, type ServiceClientOptions } from '@hokusai/contracts';
import { z } from 'zod';
import { type ConfigRule, variable } from '../config.ts';
import { about, ofKind, secret, shown } from '../config-description.ts';
import { certificates, pairProblems, privateKey } from '../tls/pem.ts';
import { callersSchema, type MethodPaths } from './callers.ts';
import type { GrpcServerOptions } from './server.ts';

/** Of the service itself. `services` are those whose methods may be granted. */
function serverShape(services: readonly MethodPaths[]) {
  return {
    HOST: about(
      'Address that gRPC listens on. Beyond the loopback address it needs TLS, or word that it does not.',
      ofKind('an address', shown(variable.text())).default('127.0.0.1'),
    ),
    PORT: about('Port that gRPC listens on.', variable.port().default(0)),
    CALLERS: about(
      'Who may call which methods, each known by a token or a certificate.',
      ofKind('a JSON list', secret(callersSchema(services))),
    ),
    REFLECTION: about(
      'Tell callers which methods and messages there are.',
      variable.boolean().default(false),
    ),
    TLS_CERT: about(
      'Certificate of the server; intermediate ones after its own. Both this and the key, or neither.',
      certificates().optional(),
    ),
    TLS_KEY: about('Private key of that certificate.', privateKey().optional()),
    TLS_CLIENT_CA: about(
      'Authorities of client certificates, for callers that are known by one.',
      certificates().optional(),
    ),
    INSECURE: about(
      'Listen beyond the loopback address without TLS, on a network that is trusted itself.',
      variable.boolean().default(false),
    ),
  };
}

/** Of whoever calls it. */
const clientShape = () => ({
  URL: about(
    'Replicas of the service. Calls go round them, and past those that are down.',
    variable.hostPorts(),
  ),
  TOKEN: about(
    'What the caller is known by, unless it has a certificate.',
    ofKind(
      'a token',
      secret(z.string().regex(/^[\x21-\x7e]+$/, 'expected a token, without spaces and line breaks')),
    ).optional(),
  ),
  TLS: about(
    'Speak TLS, also without a certificate or an authority of our own.',
    variable.boolean().default(false),
  ),
  TLS_CA: about(
    "Authorities of the server's certificate; the public ones if absent.",
    certificates().optional(),
  ),
  TLS_CERT: about('Certificate of the caller. Both this and the key, or neither.', certificates().optional()),
  TLS_KEY: about('Private key of that certificate.', privateKey().optional()),
  INSECURE: about(
    'Send the token over a network in the clear, one that is trusted itself.',
    variable.boolean().default(false),
  ),
});

type ServerValues = Parsed<ReturnType<typeof serverShape>>;
type ClientValues = Parsed<ReturnType<typeof clientShape>>;
type Parsed<Shape extends z.ZodRawShape> = z.infer<z.ZodObject<Shape>>;
type Named<Service extends string, Values> = {
  [Name in keyof Values as `${Service}_GRPC_${Name & string}`]: Values[Name];
};

/** For `loadConfig`, with `grpcServerRule`. */
export function grpcServerVariables<const Service extends string>(
  service: Service,
  services: readonly MethodPaths[],
) {
  return named(service, serverShape(services));
}

/** For `loadConfig`, with `grpcClientRule`. `service` is the one that is called. */
export function grpcClientVariables<const Service extends string>(service: Service) {
  return named(service, clientShape());
}

function named<Service extends string, Shape extends object>(
  service: Service,
  shape: Shape,
): Named<Service, Shape> {
  const entries = Object.entries(shape).map(([name, value]) => [`${service}_GRPC_${name}`, value]);
  return Object.fromEntries(entries) as Named<Service, Shape>;
}

/** The values of one service, without its prefix. */
function valuesOf<Values>(service: string, config: object): Values {
  const prefix = `${service}_GRPC_`;
  const own = Object.entries(config).filter(([name]) => name.startsWith(prefix));
  return Object.fromEntries(own.map(([name, value]) => [name.slice(prefix.length), value])) as Values;
}

/** TLS is whole or absent; nobody listens to a network in the clear without saying so. */
export function grpcServerRule<const Service extends string>(
  service: Service,
): ConfigRule<Named<Service, ServerValues>> {
  const name = (variableName: keyof ServerValues) => `${service}_GRPC_${variableName}`;
  return (config) => {
    const { HOST, CALLERS, INSECURE, ...tls } = valuesOf<Partial<ServerValues>>(service, config);
    const certified = CALLERS?.find(({ credential }) => credential.kind === 'certificate');
    const problems = pairProblems(`${service}_GRPC_TLS`, tls.TLS_CERT, tls.TLS_KEY);
    if (tls.TLS_CLIENT_CA && !tls.TLS_CERT)
      problems.push(`${name('TLS_CERT')}: is required with ${name('TLS_CLIENT_CA')}`);
    if (certified && !tls.TLS_CLIENT_CA)
      problems.push(`${name('TLS_CLIENT_CA')}: is required, as ${certified.name} is known by a certificate`);
    if (HOST && !isLoopback(HOST) && !tls.TLS_CERT && !INSECURE)
      problems.push(
        `${name('HOST')}: to listen beyond the loopback address, set ${name('TLS_CERT')} and ${name('TLS_KEY')}, or ${name('INSECURE')}=true where the network itself is trusted`,
      );
    return problems;
  };
}

/** A caller proves who it is by the one or the other; no token gets to a network in the clear unless that is said. */
export function grpcClientRule<const Service extends string>(
  service: Service,
): ConfigRule<Named<Service, ClientValues>> {
  const name = (variableName: keyof ClientValues) => `${service}_GRPC_${variableName}`;
  return (config) => {
    const values = valuesOf<Partial<ClientValues>>(service, config);
    const { URL: address = '', TOKEN, INSECURE } = values;
    const problems = pairProblems(`${service}_GRPC_TLS`, values.TLS_CERT, values.TLS_KEY);
    if (!TOKEN && !values.TLS_CERT && !values.TLS_KEY)
      problems.push(`${name('TOKEN')}: is required, or ${name('TLS_CERT')} and ${name('TLS_KEY')}`);
    const remote = hostsOf(address).find((host) => host !== '' && !isLoopback(host));
    if (TOKEN && remote !== undefined && !clientTls(values) && !INSECURE)
      problems.push(
        `${name('TOKEN')}: would go to ${remote} in the clear; set ${name('TLS')}=true or ${name('TLS_CA')}, or ${name('INSECURE')}=true where the network itself is trusted`,
      );
    return problems;
  };
}

function isLoopback(host: string): boolean {
  return /^(localhost|127(\.\d{1,3}){3}|\[?::1\]?)$/i.test(host);
}

/** What `startGrpcServer` needs of the configuration. */
export function grpcServerOptions<const Service extends string>(
  service: Service,
  config: Named<Service, ServerValues>,
): Pick<GrpcServerOptions, 'host' | 'port' | 'prefix' | 'callers' | 'hasReflection' | 'tls'> {
  const values = valuesOf<ServerValues>(service, config);
  const { TLS_CERT: certificate, TLS_KEY: key, TLS_CLIENT_CA: clientCa } = values;
  return {
    host: values.HOST,
    port: values.PORT,
    prefix: `${service}_GRPC`,
    callers: values.CALLERS,
    hasReflection: values.REFLECTION,
    ...(certificate && key ? { tls: { certificate, key, ...(clientCa ? { clientCa } : {}) } } : {}),
  };
}

/**
 * What `createServiceClient` needs of the configuration. `now` tells it with the certificates that are in force, which
 * each new connection takes.
 */
export function grpcClientOptions<const Service extends string>(
  service: Service,
  config: Named<Service, ClientValues>,
  now: () => Named<Service, ClientValues> = () => config,
): Pick<ServiceClientOptions, 'address' | 'token' | 'tls'> {
  const values = valuesOf<ClientValues>(service, config);
  const tls = clientTls(values);
  return {
    address: values.URL,
    ...(values.TOKEN ? { token: values.TOKEN } : {}),
    ...(tls ? { tls: () => clientTls(valuesOf<ClientValues>(service, now())) ?? tls } : {}),
  };
}

/** Undefined for plain HTTP/2: a certificate of either side, or `TLS` alone, asks for more. */
function clientTls(values: Partial<ClientValues>): ClientTls | undefined {
  const { TLS, TLS_CA: ca, TLS_CERT: certificate, TLS_KEY: key } = values;
  if (!TLS && !ca && !certificate) return undefined;
  return { ...(ca ? { ca } : {}), ...(certificate && key ? { identity: { certificate, key } } : {}) };
}
