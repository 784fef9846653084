/** The gRPC method `Follow`: one gateway's stream. */
import type { ServerDuplexStream } from '@grpc/grpc-js';
import { type ErrorObserver, HokusaiError, observeFailure, toStatus, toTimestamp } from '@hokusai/contracts';
import type { FollowRequest__Output } from '@hokusai/contracts/gen/keys/v1/FollowRequest';
import type { FollowResponse } from '@hokusai/contracts/gen/keys/v1/FollowResponse';
import type { ChangeFeed } from './change-feed.ts';
import { Follower, type Reset, type Tick } from './follower.ts';
import { toFollowerOptions, toPing } from './requests.ts';

type FollowCall = ServerDuplexStream<FollowRequest__Output, FollowResponse>;

/** Serves streams from the feed. A stream that breaks the protocol is ended with `invalid_request`. */
export function followHandler(feed: ChangeFeed, observe: ErrorObserver): (call: FollowCall) => void {
  return (call) => {
    let follower: Follower | undefined;
    let isEnded = false;
    const end = (error?: HokusaiError) => {
      if (isEnded) return;
      isEnded = true;
      if (!error) return void call.end();
      observeFailure(observe, call, error);
      call.emit('error', toStatus(error));
    };
    const leaveFeed = () => {
      if (follower) feed.remove(follower);
    };
    const handle = (request: FollowRequest__Output) => {
      if (request.open && !follower) {
        follower = new Follower(toFollowerOptions(request.open));
        feed.add({ follower, send: (message) => send(call, message), end });
      } else if (request.ping && follower) feed.receive(follower, toPing(request.ping));
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
