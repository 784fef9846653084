/** What can go wrong between the gateway and an upstream, before it is put into words for a client. */

/** No connection could be made: nothing of the request has been sent. */
export class ConnectFailed extends Error {
  override readonly name = 'ConnectFailed';
  readonly isTimeout: boolean;

  constructor(cause: Error, isTimeout: boolean) {
    super('no connection could be made', { cause });
    this.isTimeout = isTimeout;
  }
}

/** An open connection ended before the answer did: the request may have arrived. */
export class BrokenConnection extends Error {
  override readonly name = 'BrokenConnection';

  constructor(cause?: Error) {
    super('the connection was closed before the answer was whole', { cause });
  }
}

/** What came is no answer that could be read in one way only. */
export class MalformedAnswer extends Error {
  override readonly name = 'MalformedAnswer';
}

/** The request can't be written in a way that could be read in one way only. Nothing of it has been sent. */
export class UnsendableRequest extends Error {
  override readonly name = 'UnsendableRequest';
}
