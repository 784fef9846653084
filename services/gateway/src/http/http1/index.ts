/** The gateway's client of HTTP/1.1: what forwards requests to upstreams. */
export type { AnswerHead } from './answer-head.ts';
export type { AnswerFlow, AnswerHandler } from './connection.ts';
export { ConnectionPool, type UpstreamRequest } from './connection-pool.ts';
export { BrokenConnection, ConnectFailed, MalformedAnswer, UnsendableRequest } from './errors.ts';
