/** What the server has to know of a request before it is served, by where it goes. */
import type { IncomingMessage } from 'node:http';
import { rememberingTexts } from '../domain/remembering-texts.ts';
import { below, canonicalPath, splitTarget } from '../domain/routes/index.ts';
import type { Upstream } from './upstream-door.ts';

export interface TargetRules {
  /** Whether a request's target lies below an upstream's prefix: it is forwarded, or refused on its way. */
  isForwarded: (target: string) => boolean;
  /**
   * Whether a request asks for a WebSocket at an upstream that takes them. Any other that asks for an upgrade
   * is served as if it had not.
   */
  mayUpgrade: (incoming: Pick<IncomingMessage, 'method' | 'httpVersion' | 'headers' | 'url'>) => boolean;
}

export function targetRules(upstreams: readonly Upstream[]): TargetRules {
  const upstreamAt = rememberingTexts((path): { upstream: Upstream | undefined } => {
    const whole = canonicalPath(path);
    const isAbove = ({ prefix }: Upstream) =>
      whole.problem === undefined && below(prefix, whole) !== undefined;
    return { upstream: upstreams.find(isAbove) };
  });
  const upstreamOf = (target: string) => {
    const split = splitTarget(target);
    return split.problem === undefined ? upstreamAt(split.path).upstream : undefined;
  };
  return {
    isForwarded: (target) => upstreamOf(target) !== undefined,
    mayUpgrade: ({ method, httpVersion, headers, url = '' }) => {
      if (method !== 'GET' || httpVersion !== '1.1') return false;
      if (headers.upgrade?.toLowerCase() !== 'websocket') return false;
      return (upstreamOf(url)?.upgradesJudgedAs ?? null) !== null;
    },
  };
}
