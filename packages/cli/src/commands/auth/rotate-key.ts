import type { Command } from 'commander';
import type { NewKey } from '../../api/schemas.ts';
import type { Sourced } from '../../config/access.ts';
import type { Context } from '../../context.ts';
import { Failure } from '../../failure.ts';
import { secondsUntil, type When } from '../../input/time.ts';
import { id, whenNotNever } from '../../input/values.ts';
import { momentFromNow } from '../../output/moments.ts';
import { type ConfirmOptions, given, leaf, type ResultOptions, withConfirmation } from '../command.ts';
import { confirm } from '../confirm.ts';
import { keyPath } from './addresses.ts';
import { nameOf } from './key-title.ts';
import { keyTitle } from './key-view.ts';
import { deliverNewKey, isReplaced, whereItIs, withNewKeyOptions } from './new-key.ts';

const SECOND_TRY = `
If the answer gets lost, the command asks for the same new secret again. A key
that rotates itself with --grace 0 can't do that, since its old secret is dead by
then: give it a grace, such as --grace 1h, and end that with end-grace.`;

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
    )
    .addHelpText('after', SECOND_TRY);
  withConfirmation(withNewKeyOptions(command));
  return command.action(async (keyId: string, options: Options) => {
    const graceSeconds = options.grace && secondsUntil(options.grace, context.now());
    const client = await context.connect(command);
    if (graceSeconds === 0) {
      await confirm(context, options, async () => {
        const { title, isOwn } = await nameOf(client, keyId);
        const risk = isOwn ? ' It is the one that you call with: --grace 1h leaves you a second try.' : '';
        return `Rotate the key ${title}, so that its old secret stops working at once?${risk}`;
      });
    }
    const body = given({ grace_period_seconds: graceSeconds });
    let isLost = false;
    const onLost = () => {
      isLost = true;
    };
    const request = { method: 'POST', path: `${keyPath(keyId)}/rotate`, body, onLost } as const;
    const key = await deliverNewKey(context, client, request, options).catch((error: unknown) => {
      throw isLost && error instanceof Failure ? withRemedy(error, keyId, graceSeconds === 0) : error;
    });
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

/** For a rotation that may have been done, with a new secret that nobody has got. */
function withRemedy(failure: Failure, keyId: string, isWithoutGrace: boolean): Failure {
  const { kind, message, requestId, cause } = failure;
  const remedy = [
    'The key may have been rotated all the same, and the answer lost: show-key says when it was.',
    `If so, only another key than that one can rotate it again: hokusai auth rotate-key ${keyId}`,
    ...(isWithoutGrace
      ? ['With a grace, such as --grace 1h, the command can ask for the same secret again.']
      : []),
  ];
  return new Failure(kind, message, { advice: [...failure.advice, ...remedy], requestId, cause });
}

/** Whoever rotates the key that they call with has to go on with the new secret. */
function adviseLogin({ terminal }: Context, key: NewKey, used: Sourced): void {
  if (!isReplaced(used, key)) return;
  terminal.note(`This is the key in ${used.source}: replace it there, too (hokusai auth login).`);
}
