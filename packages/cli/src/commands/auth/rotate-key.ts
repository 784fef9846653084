import type { Command } from 'commander';
import type { NewKey } from '../../api/schemas.ts';
import type { Context } from '../../context.ts';
import { secondsUntil, type When } from '../../input/time.ts';
import { id, whenNotNever } from '../../input/values.ts';
import { momentFromNow } from '../../output/moments.ts';
import { type ConfirmOptions, given, leaf, type ResultOptions, withConfirmation } from '../command.ts';
import { confirm } from '../confirm.ts';
import { keyPath } from './addresses.ts';
import { titleOf } from './key-title.ts';
import { keyTitle } from './key-view.ts';
import { deliverNewKey, whereItIs, withNewKeyOptions } from './new-key.ts';

interface Options extends ResultOptions, ConfirmOptions {
  grace?: Exclude<When, 'never'>;
}

export function rotateKey(context: Context): Command {
  const command = leaf('rotate-key', 'Give a key a new secret; it alone is printed on stdout, this once', [
    'hokusai auth rotate-key 0192a0c4-7d3e-4a4e-9a53-1c9b3f6f2d11 --grace 24h',
    'KEY=$(hokusai auth rotate-key 0192a0c4-7d3e-4a4e-9a53-1c9b3f6f2d11 --grace 0 --yes)',
  ])
    .argument('<id>', "the key's id, which stays", id)
    .option(
      '--grace <when>',
      'how long the old secret still works, or until when: 24h, 0, an RFC 3339 time (default: as the gateway has it)',
      whenNotNever,
    );
  withConfirmation(withNewKeyOptions(command));
  return command.action(async (keyId: string, options: Options) => {
    const graceSeconds = options.grace && secondsUntil(options.grace, context.now());
    const client = await context.connect(command);
    if (graceSeconds === 0) {
      await confirm(context, options, async () => {
        return `Rotate the key ${await titleOf(client, keyId)}, so that its old secret stops working at once?`;
      });
    }
    const body = given({ grace_period_seconds: graceSeconds });
    const request = { method: 'POST', path: `${keyPath(keyId)}/rotate`, body } as const;
    const key = await deliverNewKey(context, client, request, options);
    for (const line of summary(key, context.now())) context.terminal.note(line);
    context.terminal.note(whereItIs(options));
    adviseLogin(context, key, client.access.key);
  });
}

function summary(key: NewKey, nowMs: number): string[] {
  const old = [...key.retired_secrets].sort((a, b) =>
    (b.retired_at ?? '').localeCompare(a.retired_at ?? ''),
  )[0];
  const title = `Rotated the key ${keyTitle(key)}, id ${key.id}.`;
  if (old?.valid_until == null) return [title];
  const isOver = Date.parse(old.valid_until) <= nowMs;
  const end = isOver ? 'does not work any more' : `works until ${momentFromNow(old.valid_until, nowMs)}`;
  return [title, `The old secret ${old.key_prefix} ${end}.`];
}

/** Whoever rotates the key that they call with has to go on with the new secret. */
function adviseLogin({ terminal }: Context, key: NewKey, used: { value: string; source: string }): void {
  const isOwn = key.retired_secrets.some(({ key_prefix }) => used.value.startsWith(key_prefix));
  if (isOwn) terminal.note(`This is the key in ${used.source}: replace it there, too (hokusai auth login).`);
}
