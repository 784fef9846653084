/** Stands in for the audit service: stores what it is sent, and confirms what it has stored. */
import { createHash } from 'node:crypto';
import { auditEventEventSchema, CONSUMERS, HokusaiError, services, unaryHandler } from '@hokusai/contracts';
import type { ConfirmStoredRequest__Output } from '@hokusai/contracts/gen/audit/v1/ConfirmStoredRequest';
import type { ConfirmStoredResponse } from '@hokusai/contracts/gen/audit/v1/ConfirmStoredResponse';
import { bindService, createLogger, openBus, startGrpcServer } from '@hokusai/service-kit';
import { grpcAdmission } from '@hokusai/testing';

interface Stored {
  chainSeq: number;
  hash: Buffer;
  /** How often it arrived. */
  arrivals: number;
}

export class AuditService {
  readonly stored = new Map<string, Stored>();
  /** Event ids of each question. */
  readonly questions: string[][] = [];
  /** Ids of events that can't be stored. */
  readonly refused = new Set<string>();
  #stop: (() => Promise<void>)[] = [];

  /** Starts to answer questions; at the port of before when it did already. */
  async answer(port = 0): Promise<string> {
    const server = await startGrpcServer({ host: '127.0.0.1', port, ...grpcAdmission(services.audit) }, [
      bindService(services.audit, {
        ConfirmStored: unaryHandler<ConfirmStoredRequest__Output, ConfirmStoredResponse>(
          ({ eventIds }) => Promise.resolve(this.#confirm(eventIds)),
          () => {},
        ),
      }),
    ]);
    this.#stop.push(() => server.close());
    return `127.0.0.1:${server.port}`;
  }

  /** Starts to store what is in the stream. */
  consume(natsUrl: string): void {
    const logger = createLogger({ service: 'audit', level: 'silent' });
    const bus = openBus({ url: natsUrl, name: 'audit', publishTimeoutMs: 2000, logger });
    const { stream, durable } = CONSUMERS.auditAppend;
    bus.consume({
      stream,
      durable,
      batchSize: 100,
      lingerMs: 5,
      isOutage: () => false,
      handle: (messages) => {
        const ids = messages.map(({ data }) => auditEventEventSchema.parse(data).id);
        if (ids.some((id) => this.refused.has(id)))
          return Promise.reject(new HokusaiError('unprocessable', 'can not be stored'));
        for (const id of ids) this.store(id);
        return Promise.resolve();
      },
    });
    this.#stop.push(() => bus.close());
  }

  store(id: string): void {
    const known = this.stored.get(id);
    if (known) known.arrivals += 1;
    else {
      const hash = createHash('sha256').update(id).digest();
      this.stored.set(id, { chainSeq: this.stored.size + 1, hash, arrivals: 1 });
    }
  }

  async close(): Promise<void> {
    for (const stop of this.#stop.splice(0)) await stop();
  }

  #confirm(eventIds: readonly string[]): ConfirmStoredResponse {
    this.questions.push([...eventIds]);
    const stored = eventIds.flatMap((eventId) => {
      const row = this.stored.get(eventId);
      return row ? [{ eventId, chainSeq: row.chainSeq, hash: row.hash }] : [];
    });
    return { stored };
  }
}
