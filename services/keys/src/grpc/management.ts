/** KeyManagementService. */
import { type ErrorObserver, fromDuration } from '@hokusai/contracts';
import type { CreateKeyRequest__Output } from '@hokusai/contracts/gen/keys/v1/CreateKeyRequest';
import type { CreateKeyResponse } from '@hokusai/contracts/gen/keys/v1/CreateKeyResponse';
import type { EndRetiredSecretRequest__Output } from '@hokusai/contracts/gen/keys/v1/EndRetiredSecretRequest';
import type { EndRetiredSecretResponse } from '@hokusai/contracts/gen/keys/v1/EndRetiredSecretResponse';
import type { GetKeyRequest__Output } from '@hokusai/contracts/gen/keys/v1/GetKeyRequest';
import type { GetKeyResponse } from '@hokusai/contracts/gen/keys/v1/GetKeyResponse';
import type { ListKeysRequest__Output } from '@hokusai/contracts/gen/keys/v1/ListKeysRequest';
import type { ListKeysResponse } from '@hokusai/contracts/gen/keys/v1/ListKeysResponse';
import type { RevokeKeyRequest__Output } from '@hokusai/contracts/gen/keys/v1/RevokeKeyRequest';
import type { RevokeKeyResponse } from '@hokusai/contracts/gen/keys/v1/RevokeKeyResponse';
import type { RotateKeyRequest__Output } from '@hokusai/contracts/gen/keys/v1/RotateKeyRequest';
import type { RotateKeyResponse } from '@hokusai/contracts/gen/keys/v1/RotateKeyResponse';
import type { UpdateKeyRequest__Output } from '@hokusai/contracts/gen/keys/v1/UpdateKeyRequest';
import type { UpdateKeyResponse } from '@hokusai/contracts/gen/keys/v1/UpdateKeyResponse';
import type { RevocationRequest } from '../domain/access.ts';
import type { Caller } from '../domain/actor.ts';
import type { CreationRequest } from '../domain/create-key.ts';
import type { Key } from '../domain/key.ts';
import type { ListRequest, Page } from '../domain/listing.ts';
import type { Receipt } from '../domain/receipt.ts';
import type { Repetition } from '../domain/repetition.ts';
import type { UpdateRequest } from '../domain/update-key.ts';
import { handlerWithCaller } from './caller.ts';
import { keyMessage } from './messages.ts';
import { receiptMessage } from './receipt-message.ts';
import { creationRequestOf, listRequestOf, updateRequestOf } from './requests.ts';

export interface KeyManagement {
  createKey(
    caller: Caller,
    request: CreationRequest,
    repetition: Repetition | null,
  ): Promise<{ key: Key; plaintext: string }>;
  getKey(caller: Caller, keyId: string): Promise<Key>;
  listKeys(caller: Caller, request: ListRequest): Promise<Page>;
  updateKey(caller: Caller, keyId: string, request: UpdateRequest): Promise<Key>;
  rotateKey(
    caller: Caller,
    keyId: string,
    request: { graceMs: number | null },
    repetition: Repetition | null,
  ): Promise<{ key: Key; plaintext: string }>;
  endRetiredSecret(caller: Caller, keyId: string, keyPrefix: string): Promise<Key>;
  revokeKey(
    caller: Caller,
    keyId: string,
    request: RevocationRequest,
    signal: AbortSignal,
  ): Promise<{ key: Key; revokedCount: number; receipt: Receipt | null }>;
}

export function managementHandlers(management: KeyManagement, observe: ErrorObserver) {
  return {
    CreateKey: handlerWithCaller<CreateKeyRequest__Output, CreateKeyResponse>(async (request, caller) => {
      const { key, plaintext } = await management.createKey(
        caller,
        creationRequestOf(request),
        request.idempotency,
      );
      return { key: keyMessage(key), plaintext };
    }, observe),
    GetKey: handlerWithCaller<GetKeyRequest__Output, GetKeyResponse>(async (request, caller) => {
      return { key: keyMessage(await management.getKey(caller, request.keyId)) };
    }, observe),
    ListKeys: handlerWithCaller<ListKeysRequest__Output, ListKeysResponse>(async (request, caller) => {
      const { keys, nextCursor } = await management.listKeys(caller, listRequestOf(request));
      return { keys: keys.map(keyMessage), nextCursor };
    }, observe),
    UpdateKey: handlerWithCaller<UpdateKeyRequest__Output, UpdateKeyResponse>(async (request, caller) => {
      const update = updateRequestOf(request);
      return { key: keyMessage(await management.updateKey(caller, request.keyId, update)) };
    }, observe),
    RotateKey: handlerWithCaller<RotateKeyRequest__Output, RotateKeyResponse>(async (request, caller) => {
      const { key, plaintext } = await management.rotateKey(
        caller,
        request.keyId,
        { graceMs: fromDuration(request.gracePeriod) },
        request.idempotency,
      );
      return { key: keyMessage(key), plaintext };
    }, observe),
    EndRetiredSecret: handlerWithCaller<EndRetiredSecretRequest__Output, EndRetiredSecretResponse>(
      async (request, caller) => {
        const { keyId, keyPrefix } = request;
        return { key: keyMessage(await management.endRetiredSecret(caller, keyId, keyPrefix)) };
      },
      observe,
    ),
    RevokeKey: handlerWithCaller<RevokeKeyRequest__Output, RevokeKeyResponse>(
      async (request, caller, signal) => {
        const { keyId } = request;
        const { key, ...rest } = await management.revokeKey(caller, keyId, request, signal);
        return {
          key: keyMessage(key),
          revokedCount: rest.revokedCount,
          receipt: rest.receipt && receiptMessage(rest.receipt),
        };
      },
      observe,
    ),
  };
}
