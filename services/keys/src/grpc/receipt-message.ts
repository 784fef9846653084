/** A receipt as protobuf message. */
import { toDuration, toTimestamp } from '@hokusai/contracts';
import type { GatewayReceipt as GatewayReceiptMessage } from '@hokusai/contracts/gen/keys/v1/GatewayReceipt';
import type { RevocationReceipt } from '@hokusai/contracts/gen/keys/v1/RevocationReceipt';
import type { GatewayReceipt, Receipt } from '../domain/receipt.ts';

const STATUSES = {
  acknowledged: 'STATUS_ACKNOWLEDGED',
  left: 'STATUS_LEFT',
  silent: 'STATUS_SILENT',
} as const;

export function receiptMessage(receipt: Receipt): RevocationReceipt {
  return {
    committedAt: toTimestamp(receipt.committedAt),
    gateways: receipt.gateways.map(gatewayMessage),
    effectiveNoLaterThan: toTimestamp(receipt.effectiveNoLaterThan),
    complete: receipt.isComplete,
  };
}

function gatewayMessage({
  incarnation,
  gateway,
  status,
  lagMs,
  fencedBy,
}: GatewayReceipt): GatewayReceiptMessage {
  return {
    incarnation,
    gateway,
    status: STATUSES[status],
    lag: lagMs === null ? null : toDuration(lagMs),
    fencedBy: toTimestamp(fencedBy),
  };
}
