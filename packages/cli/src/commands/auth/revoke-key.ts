import type { Command } from 'commander';
import { type Receipt, revokedKeySchema } from '../../api/schemas.ts';
import type { Context } from '../../context.ts';
import { id } from '../../input/values.ts';
import { moment, momentFromNow } from '../../output/moments.ts';
import { type Column, renderTable } from '../../output/table.ts';
import {
  type ConfirmOptions,
  leaf,
  type ResultOptions,
  withConfirmation,
  withResultOptions,
} from '../command.ts';
import { confirm } from '../confirm.ts';
import { withDestination } from '../result.ts';
import { keyPath } from './addresses.ts';
import { nameOf } from './key-title.ts';
import { keyTitle } from './key-view.ts';

/** The gateway gives a cascade a minute. For other gateways it waits less than for anything else. */
const CASCADE_TIMEOUT_MS = 90_000;

const REACH = `
--cascade reaches the keys that this key created, those that these created, and
so on, as far as they work now and you may revoke them. Out of its reach is what
was got by rotating other keys: in the audit log, the events key.rotated of this
key's id name those. Rotate them again with --grace 0, or revoke them.`;

interface Options extends ResultOptions, ConfirmOptions {
  reason?: string;
  cascade?: true;
  wait?: true;
}

export function revokeKey(context: Context): Command {
  const command = leaf('revoke-key', 'Revoke a key, for good', [
    'hokusai auth revoke-key 0192a0c4-7d3e-4a4e-9a53-1c9b3f6f2d11 --reason "laptop lost" --wait',
  ])
    .argument('<id>', 'its id', id)
    .option('--reason <text>', 'why; whoever uses the key is told')
    .option('--cascade', 'also the keys that were created with it, and with those: see below')
    .option('--wait', 'return when every gateway knows, after seconds at the latest, and say which do')
    .addHelpText('after', REACH);
  withConfirmation(withResultOptions(command));
  return command.action(async (keyId: string, options: Options) => {
    const client = await context.connect(command);
    await confirm(context, options, async () => {
      const others = options.cascade ? ', and all keys that were created with it' : '';
      const { title } = await nameOf(client, keyId);
      return `Revoke the key ${title}${others}, for good?`;
    });
    const { reason, cascade, wait } = options;
    await withDestination(context, options, async (destination) => {
      const { value, json } = await client.send(revokedKeySchema, {
        method: 'DELETE',
        path: keyPath(keyId),
        query: { reason, cascade, wait },
        ...(cascade ? { timeoutMs: CASCADE_TIMEOUT_MS } : {}),
      });
      await destination.deliver(json, () => receiptText(value.receipt, context));
      const { terminal } = context;
      const many = value.revoked_count > 1 ? `, and ${value.revoked_count - 1} created with it` : '';
      if (value.revoked_count > 0) terminal.note(`Revoked the key ${keyTitle(value)}${many}.`);
      else terminal.note(`The key ${keyTitle(value)} was revoked before.`);
      if (value.receipt) terminal.note(effectOf(value.receipt, context.now()));
    });
  });
}

type GatewayReceipt = Receipt['gateways'][number];

const columns: readonly Column<GatewayReceipt>[] = [
  { title: 'gateway', cell: ({ gateway }) => gateway, minWidth: 12 },
  { title: 'status', cell: ({ status }) => status },
  { title: 'after', cell: ({ lag_ms }) => (lag_ms === null ? '' : `${Math.round(lag_ms)} ms`) },
  { title: 'ends', cell: ({ fenced_by }) => (fenced_by === null ? '' : moment(fenced_by)) },
];

function receiptText(receipt: Receipt | null, { terminal }: Context): string {
  return receipt === null || receipt.gateways.length === 0
    ? ''
    : renderTable(receipt.gateways, columns, terminal.paper);
}

function effectOf({ complete, effective_no_later_than: end }: Receipt, nowMs: number): string {
  const latest = end === null ? 'now' : momentFromNow(end, nowMs);
  if (complete) return `No gateway serves it later than ${latest}.`;
  return `There may be gateways that are not listed: reckon with them until ${latest}.`;
}
