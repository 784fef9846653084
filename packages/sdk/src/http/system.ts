import { AbortedError } from '../errors/errors.ts';
import { onAbort } from './on-abort.ts';
import type { Clock, Delay } from './types.ts';

export const systemClock: Clock = { now: () => Date.now(), elapsed: () => performance.now() };

export const systemDelay: Delay = (milliseconds, signal) =>
  new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      unfollow();
      resolve();
    }, milliseconds);
    const unfollow = onAbort(signal, () => {
      clearTimeout(timer);
      reject(new AbortedError('The call was aborted while it waited', { cause: signal?.reason }));
    });
  });
