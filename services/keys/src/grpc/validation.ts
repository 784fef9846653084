/** KeyValidationService, all but the Follow stream. */
import { type ErrorObserver, toTimestamp, unaryHandler } from '@hokusai/contracts';
import type { GetKeyStateRequest__Output } from '@hokusai/contracts/gen/keys/v1/GetKeyStateRequest';
import type { GetKeyStateResponse } from '@hokusai/contracts/gen/keys/v1/GetKeyStateResponse';
import type { Proof } from '@hokusai/contracts/gen/keys/v1/Proof';
import type { ValidateKeyRequest__Output } from '@hokusai/contracts/gen/keys/v1/ValidateKeyRequest';
import type { ValidateKeyResponse } from '@hokusai/contracts/gen/keys/v1/ValidateKeyResponse';
import type { StateAnswer } from '../domain/ports.ts';
import type { StoredSecret } from '../domain/secret.ts';
import { readPointMessage, stateMessage } from './messages.ts';

export interface KeyValidation {
  validateKey(key: string): Promise<StateAnswer & { secret: StoredSecret | null }>;
  readState(keyId: string): Promise<StateAnswer>;
}

export function validationHandlers(validation: KeyValidation, observe: ErrorObserver) {
  return {
    ValidateKey: unaryHandler<ValidateKeyRequest__Output, ValidateKeyResponse>(async ({ key }) => {
      const answer = await validation.validateKey(key);
      return { proof: answer.secret && proofMessage(answer.secret), ...stateResponse(answer) };
    }, observe),
    GetKeyState: unaryHandler<GetKeyStateRequest__Output, GetKeyStateResponse>(async ({ keyId }) => {
      return stateResponse(await validation.readState(keyId));
    }, observe),
  };
}

function stateResponse({ found, read }: StateAnswer): GetKeyStateResponse {
  return { state: found && stateMessage(found, read), read: readPointMessage(read) };
}

function proofMessage(secret: StoredSecret): Proof {
  return {
    keyId: secret.keyId,
    keyPrefix: secret.keyPrefix,
    retiredAt: toTimestamp(secret.retiredAt),
    validUntil: toTimestamp(secret.validUntil),
  };
}
