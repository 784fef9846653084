/** The gRPC interface of the log in this process, and a client of it. */
import { createServiceClient, type ServiceClient, services } from '@hokusai/contracts';
import { bindService, type Pool, startGrpcServer } from '@hokusai/service-kit';
import { grpcAdmission, grpcToken } from '@hokusai/testing';
import type { AuditReader } from '../../src/domain/ports.ts';
import type { AuditReads } from '../../src/domain/reads.ts';
import { auditHandlers } from '../../src/grpc/audit-handlers.ts';
import { createAuditReader } from '../../src/storage/reader.ts';
import { createVerification } from '../../src/storage/verification.ts';

export interface AuditServer {
  audit: ServiceClient<typeof services.audit>;
  close(): Promise<void>;
}

/** `reads`: told who reads; closed by whoever made them. */
export async function serveAudit(
  pool: Pool,
  reads: AuditReads,
  store: AuditReader = createAuditReader(pool),
): Promise<AuditServer> {
  const observe = () => undefined;
  const handlers = auditHandlers({ store, verification: createVerification(pool), reads, observe });
  const serving = { host: '127.0.0.1', port: 0, ...grpcAdmission(services.audit), observe };
  const server = await startGrpcServer(serving, [bindService(services.audit, handlers)]);
  const audit = createServiceClient(services.audit, {
    peer: 'audit service',
    address: `127.0.0.1:${server.port}`,
    timeoutMs: 30_000,
    token: grpcToken,
  });
  const close = async () => {
    audit.close();
    await server.close(0);
  };
  return { audit, close };
}
