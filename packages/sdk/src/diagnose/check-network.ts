/** The way to the server, step by step: name, port, certificate. */
import { isIP } from 'node:net';
import type { DiagnoseDependencies, Endpoint } from './dependencies.ts';
import { endpointOf, placeOf } from './endpoint.ts';
import { failed, type Outcome, ok, skipped, warning } from './report.ts';
import { tlsAtHttpPort } from './scheme.ts';
import { dayOf, daysUntil } from './times.ts';

const SOON_DAYS = 14;

export async function checkDns(
  { host }: Endpoint,
  { lookup }: DiagnoseDependencies,
  timeoutMs: number,
): Promise<Outcome> {
  if (isIP(host) !== 0) return ok(`${host} is an address: there is no name to look up.`);
  try {
    const addresses = await lookup(host, timeoutMs);
    return ok(
      `${host} has ${addresses.length === 1 ? 'the address' : 'the addresses'} ${addresses.join(', ')}.`,
    );
  } catch (error) {
    return failed('unavailable', `${host} has no address that this machine can find (${codeOf(error)}).`, [
      'Check the spelling of the host in MLFLOW_TRACKING_URI.',
      'If the host is right, check the DNS, and that the VPN which serves the name is connected.',
    ]);
  }
}

export async function checkTcp(
  endpoint: Endpoint,
  { connect }: DiagnoseDependencies,
  timeoutMs: number,
): Promise<Outcome> {
  const place = placeOf(endpoint);
  try {
    return ok(`${place} takes connections (at ${await connect(endpoint, timeoutMs)}).`);
  } catch (error) {
    const code = codeOf(error);
    if (code === 'ETIMEDOUT') {
      return failed('unavailable', `${place} did not answer within ${timeoutMs / 1000} s.`, [
        'Check host and port of MLFLOW_TRACKING_URI.',
        'Check that the VPN is connected, and that no firewall stands between: it drops what it does not let through.',
      ]);
    }
    return failed('unavailable', `${place} takes no connection (${code}).`, [
      'Check host and port of MLFLOW_TRACKING_URI.',
      'Check that the server is running there, and listens to more than its own machine.',
    ]);
  }
}

export async function checkTls(
  url: URL,
  dependencies: DiagnoseDependencies,
  timeoutMs: number,
): Promise<Outcome> {
  const { handshake, clock } = dependencies;
  const endpoint = endpointOf(url);
  if (url.protocol === 'http:') return plainHttp(endpoint);
  try {
    const { protocol, problem, subject, issuer, validTo } = await handshake(endpoint, timeoutMs);
    const certificate = `the certificate of ${subject}, issued by ${issuer}, valid until ${dayOf(validTo)}`;
    if (problem !== null) {
      return failed(
        'unavailable',
        `${placeOf(endpoint)} shows ${certificate}; it is not trusted (${problem}).`,
        [
          "If it is from an authority of your own, name the authority's file in NODE_EXTRA_CA_CERTS (programs of Node.js) and REQUESTS_CA_BUNDLE (Python).",
          "Check that MLFLOW_TRACKING_URI names the host that the certificate is for, and this machine's clock.",
        ],
      );
    }
    const saw = `${protocol}, ${certificate}.`;
    if (daysUntil(validTo, clock.now()) >= SOON_DAYS) return ok(saw);
    return warning(saw, [
      `Have the certificate renewed before ${dayOf(validTo)}: then nothing connects any more.`,
    ]);
  } catch (error) {
    const isPlain = await tlsAtHttpPort(url, dependencies, timeoutMs);
    if (isPlain) return isPlain;
    return failed('unavailable', `${placeOf(endpoint)} does not speak TLS (${codeOf(error)}).`, [
      'Check that the port of MLFLOW_TRACKING_URI is the one for HTTPS.',
      'If the server is behind a proxy or load balancer, check that it passes HTTPS on.',
    ]);
  }
}

function plainHttp({ host }: Endpoint): Outcome {
  if (isLoopback(host)) return skipped('Plain HTTP, which does not leave this machine.');
  return warning(`The key travels unencrypted to ${host}: anybody on the way can take it.`, [
    'Use https://. A gateway refuses keys over plain HTTP, unless ALLOW_INSECURE_HTTP lets them come so.',
  ]);
}

function isLoopback(host: string): boolean {
  return /^(?:localhost|.+\.localhost|127(?:\.\d+){3}|::1)$/.test(host);
}

/** The system's code of an error, also of one that stands for several; its kind, if it has none. */
function codeOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return codeOf(error.errors[0]);
  const { code, name } = error as { code?: unknown; name?: unknown };
  if (typeof code === 'string') return code;
  return typeof name === 'string' ? name : 'unknown';
}
