/** How a test comes to be let in by gRPC servers, its own and those of processes that it starts. */
import { createHash, randomBytes } from 'node:crypto';
import type { CallerEntry, MethodPaths } from '@hokusai/service-kit';

const NAME = 'test';

/** For `createServiceClient`; new in each run. */
export const grpcToken: string = randomBytes(32).toString('base64url');

/** Content of `<SERVICE>_GRPC_CALLERS` that lets the test call all methods of these services. */
export function grpcCallers(...services: readonly object[]): string {
  const names = new Set(pathsOf(services).map((path) => path.split('/')[1]));
  return JSON.stringify([{ name: NAME, token: grpcToken, methods: [...names].map((name) => `${name}/*`) }]);
}

/** The same for `startGrpcServer`, in the test's own process. */
export function grpcAdmission(...services: readonly object[]): {
  callers: CallerEntry[];
  observe: () => void;
} {
  const sha256 = createHash('sha256').update(grpcToken).digest();
  const entry = {
    name: NAME,
    credential: { kind: 'token', sha256 },
    paths: new Set(pathsOf(services)),
  } as const;
  return { callers: [entry], observe: () => {} };
}

function pathsOf(services: readonly object[]): string[] {
  return services.flatMap((service) => Object.values(service as MethodPaths).map(({ path }) => path));
}
