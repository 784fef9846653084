/** What MLflow's server refuses, as the error that the SDK makes of its answer. */
import { AlreadyExistsError, InvalidRequestError, NotFoundError, ServerError } from '../../errors/errors.ts';

/** 404, RESOURCE_DOES_NOT_EXIST */
export function notFound(message: string): NotFoundError {
  return new NotFoundError(message, { errorCode: 'RESOURCE_DOES_NOT_EXIST', status: 404 });
}

/** 400, RESOURCE_ALREADY_EXISTS */
export function alreadyExists(message: string): AlreadyExistsError {
  return new AlreadyExistsError(message, { errorCode: 'RESOURCE_ALREADY_EXISTS', status: 400 });
}

/** 400, INVALID_PARAMETER_VALUE */
export function invalid(message: string): InvalidRequestError {
  return new InvalidRequestError(message, { errorCode: 'INVALID_PARAMETER_VALUE', status: 400 });
}

/** 500: what MLflow does not expect to be asked. */
export function serverError(errorCode: 'INVALID_STATE' | 'INTERNAL_ERROR', message: string): ServerError {
  return new ServerError(message, { errorCode, status: 500 });
}
