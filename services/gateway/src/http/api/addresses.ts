/** What can be done at one address of the API, and what is answered to everything else there. */
import { HokusaiError } from '@hokusai/contracts';
import type { RequestHandler, Router } from 'express';
import { exchangeOf } from './request.ts';

export type Method = 'get' | 'post' | 'patch' | 'delete';

/**
 * Serves the methods that there are, HEAD where there is GET. OPTIONS says which there are, as does the 405
 * for any other. Neither needs a key: what there is at an address is in the API's public description.
 */
export function serveAddress(
  router: Router,
  path: string,
  handlers: Readonly<Partial<Record<Method, RequestHandler>>>,
): void {
  const route = router.route(path);
  const allowed: string[] = [];
  for (const [method, handler] of Object.entries(handlers) as [Method, RequestHandler][]) {
    allowed.push(method.toUpperCase());
    if (method === 'get') allowed.push('HEAD');
    route[method](handler);
  }
  const allow = [...allowed, 'OPTIONS'].join(', ');
  route.options((request) => {
    const { outgoing, requestId } = exchangeOf(request);
    outgoing.writeHead(204, ['Allow', allow, 'X-Request-ID', requestId]);
    outgoing.end();
  });
  route.all((request, response) => {
    response.setHeader('Allow', allow);
    const message = `There is no ${request.method} at this address, only ${allow}.`;
    throw new HokusaiError('invalid_request', message, { reason: 'method_not_allowed' });
  });
}
