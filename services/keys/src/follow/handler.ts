/** The gRPC method `Follow`: one gateway's stream. */
import type { ServerDuplexStream } from '@grpc/grpc-js';
import { type ErrorObserver, HokusaiError, toStatus, toTimestamp } from '@hokusai/contracts';
import type { FollowOpen__Output } from '@hokusai/contracts/gen/keys/v1/FollowOpen';
import type { FollowPing__Output } from '@hokusai/contracts/gen/keys/v1/FollowPing';
import type { FollowRequest__Output } from '@hokusai/contracts/gen/keys/v1/FollowRequest';
import type { FollowResponse } from '@hokusai/contracts/gen/keys/v1/FollowResponse';
import { z } from 'zod';
import type { ChangeFeed } from './change-feed.ts';
import { Follower, type Ping, type Reset, type Tick } from './follower.ts';

type FollowCall = ServerDuplexStream<FollowRequest__Output, FollowResponse>;

const openSchema = z.object({
  incarnation: z.uuid('must be a uuid'),
  gateway: z.string().min(1, 'must not be empty').max(256, 'must have at most 256 characters'),
  lastEpoch: z.string(),
  lastCut: z.string().transform(BigInt),
  trustMs: z.number().int().max(2_147_483_647, 'must be at most 2,147,483,647'),
});

/** Serves streams from the feed. A stream that breaks the protocol is ended with `invalid_request`. */
export function followHandler(feed: ChangeFeed, observe: ErrorObserver): (call: FollowCall) => void {
  return (call) => {
    let follower: Follower | undefined;
    let isEnded = false;
    const end = (error?: HokusaiError) => {
      if (isEnded) return;
      isEnded = true;
      if (!error) return void call.end();
      observe(error, call.getPath());
      call.emit('error', toStatus(error));
    };
    const leaveFeed = () => {
      if (follower) feed.remove(follower);
    };
    const handle = (request: FollowRequest__Output) => {
      if (request.open && !follower) {
        follower = new Follower(followerOptions(request.open));
        feed.add({ follower, send: (message) => send(call, message), end });
      } else if (request.ping && follower) follower.receive(pingOf(request.ping));
      else if (request.leave && follower) feed.leave(follower);
      else throw new HokusaiError('invalid_request', 'A stream begins with one `open`, then come pings.');
    };
    call.on('data', (request: FollowRequest__Output) => {
      if (isEnded) return;
      try {
        handle(request);
      } catch (error) {
        leaveFeed();
        end(error as HokusaiError);
      }
    });
    call.on('cancelled', () => {
      isEnded = true;
      leaveFeed();
    });
    call.on('end', () => {
      leaveFeed();
      end();
    });
  };
}

function followerOptions(open: FollowOpen__Output) {
  const parsed = openSchema.safeParse(open);
  if (!parsed.success) {
    const violations = parsed.error.issues.map(({ path, message }) => ({ path: path.join('.'), message }));
    const all = violations.map(({ path, message }) => `${path} ${message}`).join('; ');
    throw new HokusaiError('invalid_request', `The stream can't be opened: ${all}.`, { violations });
  }
  const { incarnation, gateway, trustMs, lastEpoch: epoch, lastCut: cut } = parsed.data;
  return { incarnation, gateway, trustMs, resumeAfter: epoch === '' ? undefined : { epoch, cut } };
}

function pingOf({ number, applied, appliedCut }: FollowPing__Output): Ping {
  return { number: BigInt(number), applied: BigInt(applied), appliedCut: BigInt(appliedCut) };
}

/** Resolves when the transport has taken the message, or the stream is gone. */
function send(call: FollowCall, message: Tick | Reset): Promise<void> {
  return new Promise((resolve) => {
    if (call.cancelled || call.writableEnded) return resolve();
    const done = () => {
      call.off('cancelled', done);
      resolve();
    };
    call.once('cancelled', done);
    call.write(toResponse(message), done);
  });
}

function toResponse(message: Tick | Reset): FollowResponse {
  if (message.kind === 'reset') return { reset: { reason: message.reason } };
  const { number, echo, epoch, cut, readAt, changes } = message;
  return {
    tick: {
      number: number.toString(),
      echo: echo.toString(),
      read: { epoch, cut: cut.toString(), readAt: toTimestamp(readAt) },
      changes: changes.map(({ keyId, version }) => ({ keyId, version: version.toString() })),
    },
  };
}
