interface Report {
  libuv: Handle[];
}

interface Handle {
  type: string;
  is_active: boolean;
  is_referenced: boolean;
  pid?: number;
  localEndpoint?: Endpoint;
  remoteEndpoint?: Endpoint;
}

interface Endpoint {
  host: string;
  port: number;
}

/**
 * What keeps this process alive, one line each: sockets and servers with their addresses, child processes
 * with their ids, pipes; then timers and pending requests, as Node counts them.
 */
export function openHandles(): string[] {
  // With the network, the report would look up the name of every peer, and wait for the answers.
  const { report } = process as unknown as { report: { excludeNetwork: boolean; getReport(): Report } };
  report.excludeNetwork = true;
  const handles = report
    .getReport()
    .libuv.filter((handle) => handle.is_active && handle.is_referenced)
    .map(describe);
  const others = process.getActiveResourcesInfo().filter((type) => /Req$|^(Timeout|Immediate)$/.test(type));
  return [...handles, ...others];
}

function describe({ type, pid, localEndpoint, remoteEndpoint }: Handle): string {
  const parts = [type];
  if (pid !== undefined) parts.push(String(pid));
  if (localEndpoint) parts.push(`${localEndpoint.host}:${localEndpoint.port}`);
  if (remoteEndpoint) parts.push(`connected to ${remoteEndpoint.host}:${remoteEndpoint.port}`);
  return parts.join(' ');
}
