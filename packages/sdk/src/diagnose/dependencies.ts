/** What a diagnosis looks through: the machine it runs on, and the network. */
import type { Environment, ResolvedConfig } from '../config/config.ts';
import type { Clock, HttpClient } from '../http/client.ts';
import type { PythonFacts, Silence } from './check-python.ts';
import type { HomeFiles } from './python-client.ts';

export interface Endpoint {
  host: string;
  port: number;
}

/** A TLS handshake whose certificate is looked at, whether it is trusted or not. */
export interface Handshake {
  /** E.g. `TLSv1.3`. */
  protocol: string;
  /** Why it is not trusted, e.g. `CERT_HAS_EXPIRED`; null if it is. */
  problem: string | null;
  subject: string;
  issuer: string;
  /** Milliseconds since the epoch. */
  validTo: number;
}

/** Functions of the network reject with the system's error, or `ETIMEDOUT`. */
export interface DiagnoseDependencies {
  env: Environment;
  clock: Clock;
  readHomeFiles(): HomeFiles;
  fileExists(path: string): boolean;
  /** The addresses of a name. */
  lookup(host: string, timeoutMs: number): Promise<readonly string[]>;
  /** The address that took the connection, which is closed again. */
  connect(endpoint: Endpoint, timeoutMs: number): Promise<string>;
  handshake(endpoint: Endpoint, timeoutMs: number): Promise<Handshake>;
  /** Whether what listens there answers a request over plain HTTP; never rejects. */
  speaksHttp(endpoint: Endpoint, timeoutMs: number): Promise<boolean>;
  createClient(config: ResolvedConfig): HttpClient;
  /** undefined: there is no such command. */
  inspectPython(command: string, timeoutMs: number): Promise<PythonFacts | Silence | undefined>;
  randomBytes(size: number): Uint8Array;
}
