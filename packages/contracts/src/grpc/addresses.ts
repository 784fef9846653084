/** Several `host:port` of one service as one gRPC target, names and addresses alike. */
import { experimental } from '@grpc/grpc-js';

type Endpoints = experimental.StatusOr<experimental.Endpoint[]>;

const SCHEME = 'hosts';

/** Joins the answers of grpc-js's own resolver for each of the hosts. */
class HostsResolver implements experimental.Resolver {
  readonly #resolvers: experimental.Resolver[];
  readonly #answers: (Endpoints | undefined)[];

  constructor(
    { path }: experimental.GrpcUri,
    listener: experimental.ResolverListener,
    options: Parameters<typeof experimental.createResolver>[2],
  ) {
    const hosts = path.split(',');
    this.#answers = hosts.map(() => undefined);
    this.#resolvers = hosts.map((host, index) => {
      const take: experimental.ResolverListener = (answer, attributes, serviceConfig, note) => {
        this.#answers[index] = answer;
        const joined = joinAnswers(this.#answers);
        return joined === undefined || listener(joined, attributes, serviceConfig, note);
      };
      return experimental.createResolver({ scheme: 'dns', path: host }, take, options);
    });
  }

  updateResolution(): void {
    for (const resolver of this.#resolvers) resolver.updateResolution();
  }

  destroy(): void {
    for (const resolver of this.#resolvers) resolver.destroy();
  }

  static getDefaultAuthority({ path }: experimental.GrpcUri): string {
    return path.split(',')[0] as string;
  }
}

/** What is known so far; the last problem if nothing can be known; undefined while something still may. */
function joinAnswers(answers: readonly (Endpoints | undefined)[]): Endpoints | undefined {
  const endpoints = answers.flatMap((answer) => (answer?.ok ? answer.value : []));
  if (endpoints.length > 0) return experimental.statusOrFromValue(endpoints);
  return answers.includes(undefined) ? undefined : answers.at(-1);
}

experimental.registerResolver(SCHEME, HostsResolver);

/**
 * gRPC target of `host:port`, or of several separated by commas.
 *
 * grpc-js's `ipv4:` scheme takes addresses only, and its `dns:` scheme one name only.
 */
export function targetOf(address: string): string {
  return `${SCHEME}:${address.replaceAll(/\s/g, '')}`;
}

/** The hosts of `host:port`, or of several separated by commas, without brackets around IPv6. */
export function hostsOf(address: string): string[] {
  return address.split(',').map((each) =>
    each
      .trim()
      .replace(/:\d+$/, '')
      .replace(/^\[(.*)\]$/, '$1'),
  );
}
