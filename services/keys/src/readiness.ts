import { checkHealth, type HealthCheck } from '@hokusai/service-kit';

/**
 * Keeps the gRPC health protocol's answer true: asks the dependencies now and then every `intervalMs`.
 * Resolves after the first answer; the function that it resolves to ends it.
 */
export async function watchReadiness(
  checks: Readonly<Record<string, HealthCheck>>,
  setServing: (isServing: boolean) => void,
  intervalMs: number,
): Promise<() => void> {
  let timer: NodeJS.Timeout | undefined;
  let isStopped = false;
  const look = async () => {
    const { ready } = await checkHealth(checks);
    if (isStopped) return;
    setServing(ready);
    timer = setTimeout(() => void look(), intervalMs);
  };
  await look();
  return () => {
    isStopped = true;
    clearTimeout(timer);
  };
}
