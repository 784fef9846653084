// Original file: protos/hokusai/audit/v1/audit.proto

import type * as grpc from '@grpc/grpc-js'
import type { MethodDefinition } from '@grpc/proto-loader'
import type { ConfirmStoredRequest as _hokusai_audit_v1_ConfirmStoredRequest, ConfirmStoredRequest__Output as _hokusai_audit_v1_ConfirmStoredRequest__Output } from '../../../hokusai/audit/v1/ConfirmStoredRequest.ts';
import type { ConfirmStoredResponse as _hokusai_audit_v1_ConfirmStoredResponse, ConfirmStoredResponse__Output as _hokusai_audit_v1_ConfirmStoredResponse__Output } from '../../../hokusai/audit/v1/ConfirmStoredResponse.ts';
import type { ExportEventsRequest as _hokusai_audit_v1_ExportEventsRequest, ExportEventsRequest__Output as _hokusai_audit_v1_ExportEventsRequest__Output } from '../../../hokusai/audit/v1/ExportEventsRequest.ts';
import type { ExportEventsResponse as _hokusai_audit_v1_ExportEventsResponse, ExportEventsResponse__Output as _hokusai_audit_v1_ExportEventsResponse__Output } from '../../../hokusai/audit/v1/ExportEventsResponse.ts';
import type { GetEventRequest as _hokusai_audit_v1_GetEventRequest, GetEventRequest__Output as _hokusai_audit_v1_GetEventRequest__Output } from '../../../hokusai/audit/v1/GetEventRequest.ts';
import type { GetEventResponse as _hokusai_audit_v1_GetEventResponse, GetEventResponse__Output as _hokusai_audit_v1_GetEventResponse__Output } from '../../../hokusai/audit/v1/GetEventResponse.ts';
import type { ListCheckpointsRequest as _hokusai_audit_v1_ListCheckpointsRequest, ListCheckpointsRequest__Output as _hokusai_audit_v1_ListCheckpointsRequest__Output } from '../../../hokusai/audit/v1/ListCheckpointsRequest.ts';
import type { ListCheckpointsResponse as _hokusai_audit_v1_ListCheckpointsResponse, ListCheckpointsResponse__Output as _hokusai_audit_v1_ListCheckpointsResponse__Output } from '../../../hokusai/audit/v1/ListCheckpointsResponse.ts';
import type { ListEventsRequest as _hokusai_audit_v1_ListEventsRequest, ListEventsRequest__Output as _hokusai_audit_v1_ListEventsRequest__Output } from '../../../hokusai/audit/v1/ListEventsRequest.ts';
import type { ListEventsResponse as _hokusai_audit_v1_ListEventsResponse, ListEventsResponse__Output as _hokusai_audit_v1_ListEventsResponse__Output } from '../../../hokusai/audit/v1/ListEventsResponse.ts';
import type { VerifyChainRequest as _hokusai_audit_v1_VerifyChainRequest, VerifyChainRequest__Output as _hokusai_audit_v1_VerifyChainRequest__Output } from '../../../hokusai/audit/v1/VerifyChainRequest.ts';
import type { VerifyChainResponse as _hokusai_audit_v1_VerifyChainResponse, VerifyChainResponse__Output as _hokusai_audit_v1_VerifyChainResponse__Output } from '../../../hokusai/audit/v1/VerifyChainResponse.ts';

/**
 * Queries of the log, and the confirmation that an event is stored.
 * 
 * Errors of every method: UNAUTHENTICATED (caller_unknown) and PERMISSION_DENIED
 * (method_not_granted) about the calling service; UNAUTHENTICATED also where the reader
 * names no user; INVALID_ARGUMENT with a `BadRequest`; UNAVAILABLE while the database
 * can't be reached; DEADLINE_EXCEEDED; INTERNAL. Methods that are not built yet answer
 * UNIMPLEMENTED.
 */
export interface AuditServiceClient extends grpc.Client {
  /**
   * Which of these events are committed, and where in the chain. The keys
   * service keeps the answer as a witness that this database's owner can't rewrite.
   * INVALID_ARGUMENT for an id that is no uuid, and for more than 1,000.
   */
  ConfirmStored(argument: _hokusai_audit_v1_ConfirmStoredRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_hokusai_audit_v1_ConfirmStoredResponse__Output>): grpc.ClientUnaryCall;
  ConfirmStored(argument: _hokusai_audit_v1_ConfirmStoredRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_hokusai_audit_v1_ConfirmStoredResponse__Output>): grpc.ClientUnaryCall;
  ConfirmStored(argument: _hokusai_audit_v1_ConfirmStoredRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_hokusai_audit_v1_ConfirmStoredResponse__Output>): grpc.ClientUnaryCall;
  ConfirmStored(argument: _hokusai_audit_v1_ConfirmStoredRequest, callback: grpc.requestCallback<_hokusai_audit_v1_ConfirmStoredResponse__Output>): grpc.ClientUnaryCall;
  /**
   * Which of these events are committed, and where in the chain. The keys
   * service keeps the answer as a witness that this database's owner can't rewrite.
   * INVALID_ARGUMENT for an id that is no uuid, and for more than 1,000.
   */
  confirmStored(argument: _hokusai_audit_v1_ConfirmStoredRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_hokusai_audit_v1_ConfirmStoredResponse__Output>): grpc.ClientUnaryCall;
  confirmStored(argument: _hokusai_audit_v1_ConfirmStoredRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_hokusai_audit_v1_ConfirmStoredResponse__Output>): grpc.ClientUnaryCall;
  confirmStored(argument: _hokusai_audit_v1_ConfirmStoredRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_hokusai_audit_v1_ConfirmStoredResponse__Output>): grpc.ClientUnaryCall;
  confirmStored(argument: _hokusai_audit_v1_ConfirmStoredRequest, callback: grpc.requestCallback<_hokusai_audit_v1_ConfirmStoredResponse__Output>): grpc.ClientUnaryCall;
  
  /**
   * Oldest first, as a stream of any length: a header, who signs, the events with the
   * checkpoints in their places, an end. Without its end an export is not whole.
   */
  ExportEvents(argument: _hokusai_audit_v1_ExportEventsRequest, metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientReadableStream<_hokusai_audit_v1_ExportEventsResponse__Output>;
  ExportEvents(argument: _hokusai_audit_v1_ExportEventsRequest, options?: grpc.CallOptions): grpc.ClientReadableStream<_hokusai_audit_v1_ExportEventsResponse__Output>;
  /**
   * Oldest first, as a stream of any length: a header, who signs, the events with the
   * checkpoints in their places, an end. Without its end an export is not whole.
   */
  exportEvents(argument: _hokusai_audit_v1_ExportEventsRequest, metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientReadableStream<_hokusai_audit_v1_ExportEventsResponse__Output>;
  exportEvents(argument: _hokusai_audit_v1_ExportEventsRequest, options?: grpc.CallOptions): grpc.ClientReadableStream<_hokusai_audit_v1_ExportEventsResponse__Output>;
  
  /**
   * One event by its id. NOT_FOUND (event_not_found) also for one that is not the reader's.
   */
  GetEvent(argument: _hokusai_audit_v1_GetEventRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_hokusai_audit_v1_GetEventResponse__Output>): grpc.ClientUnaryCall;
  GetEvent(argument: _hokusai_audit_v1_GetEventRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_hokusai_audit_v1_GetEventResponse__Output>): grpc.ClientUnaryCall;
  GetEvent(argument: _hokusai_audit_v1_GetEventRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_hokusai_audit_v1_GetEventResponse__Output>): grpc.ClientUnaryCall;
  GetEvent(argument: _hokusai_audit_v1_GetEventRequest, callback: grpc.requestCallback<_hokusai_audit_v1_GetEventResponse__Output>): grpc.ClientUnaryCall;
  /**
   * One event by its id. NOT_FOUND (event_not_found) also for one that is not the reader's.
   */
  getEvent(argument: _hokusai_audit_v1_GetEventRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_hokusai_audit_v1_GetEventResponse__Output>): grpc.ClientUnaryCall;
  getEvent(argument: _hokusai_audit_v1_GetEventRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_hokusai_audit_v1_GetEventResponse__Output>): grpc.ClientUnaryCall;
  getEvent(argument: _hokusai_audit_v1_GetEventRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_hokusai_audit_v1_GetEventResponse__Output>): grpc.ClientUnaryCall;
  getEvent(argument: _hokusai_audit_v1_GetEventRequest, callback: grpc.requestCallback<_hokusai_audit_v1_GetEventResponse__Output>): grpc.ClientUnaryCall;
  
  /**
   * Signed states of the chain, newest first, keyset-paged.
   */
  ListCheckpoints(argument: _hokusai_audit_v1_ListCheckpointsRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_hokusai_audit_v1_ListCheckpointsResponse__Output>): grpc.ClientUnaryCall;
  ListCheckpoints(argument: _hokusai_audit_v1_ListCheckpointsRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_hokusai_audit_v1_ListCheckpointsResponse__Output>): grpc.ClientUnaryCall;
  ListCheckpoints(argument: _hokusai_audit_v1_ListCheckpointsRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_hokusai_audit_v1_ListCheckpointsResponse__Output>): grpc.ClientUnaryCall;
  ListCheckpoints(argument: _hokusai_audit_v1_ListCheckpointsRequest, callback: grpc.requestCallback<_hokusai_audit_v1_ListCheckpointsResponse__Output>): grpc.ClientUnaryCall;
  /**
   * Signed states of the chain, newest first, keyset-paged.
   */
  listCheckpoints(argument: _hokusai_audit_v1_ListCheckpointsRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_hokusai_audit_v1_ListCheckpointsResponse__Output>): grpc.ClientUnaryCall;
  listCheckpoints(argument: _hokusai_audit_v1_ListCheckpointsRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_hokusai_audit_v1_ListCheckpointsResponse__Output>): grpc.ClientUnaryCall;
  listCheckpoints(argument: _hokusai_audit_v1_ListCheckpointsRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_hokusai_audit_v1_ListCheckpointsResponse__Output>): grpc.ClientUnaryCall;
  listCheckpoints(argument: _hokusai_audit_v1_ListCheckpointsRequest, callback: grpc.requestCallback<_hokusai_audit_v1_ListCheckpointsResponse__Output>): grpc.ClientUnaryCall;
  
  /**
   * Newest first, or oldest first, keyset-paged. INVALID_ARGUMENT for a cursor that no page gave, a period
   * that ends before it begins, and a page_size over 500.
   */
  ListEvents(argument: _hokusai_audit_v1_ListEventsRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_hokusai_audit_v1_ListEventsResponse__Output>): grpc.ClientUnaryCall;
  ListEvents(argument: _hokusai_audit_v1_ListEventsRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_hokusai_audit_v1_ListEventsResponse__Output>): grpc.ClientUnaryCall;
  ListEvents(argument: _hokusai_audit_v1_ListEventsRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_hokusai_audit_v1_ListEventsResponse__Output>): grpc.ClientUnaryCall;
  ListEvents(argument: _hokusai_audit_v1_ListEventsRequest, callback: grpc.requestCallback<_hokusai_audit_v1_ListEventsResponse__Output>): grpc.ClientUnaryCall;
  /**
   * Newest first, or oldest first, keyset-paged. INVALID_ARGUMENT for a cursor that no page gave, a period
   * that ends before it begins, and a page_size over 500.
   */
  listEvents(argument: _hokusai_audit_v1_ListEventsRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_hokusai_audit_v1_ListEventsResponse__Output>): grpc.ClientUnaryCall;
  listEvents(argument: _hokusai_audit_v1_ListEventsRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_hokusai_audit_v1_ListEventsResponse__Output>): grpc.ClientUnaryCall;
  listEvents(argument: _hokusai_audit_v1_ListEventsRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_hokusai_audit_v1_ListEventsResponse__Output>): grpc.ClientUnaryCall;
  listEvents(argument: _hokusai_audit_v1_ListEventsRequest, callback: grpc.requestCallback<_hokusai_audit_v1_ListEventsResponse__Output>): grpc.ClientUnaryCall;
  
  /**
   * Recomputes the chain, compares it with its checkpoints and with the witnesses given, and
   * names the first row that is wrong. PERMISSION_DENIED for members. Without a deadline it may take half an hour.
   */
  VerifyChain(argument: _hokusai_audit_v1_VerifyChainRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_hokusai_audit_v1_VerifyChainResponse__Output>): grpc.ClientUnaryCall;
  VerifyChain(argument: _hokusai_audit_v1_VerifyChainRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_hokusai_audit_v1_VerifyChainResponse__Output>): grpc.ClientUnaryCall;
  VerifyChain(argument: _hokusai_audit_v1_VerifyChainRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_hokusai_audit_v1_VerifyChainResponse__Output>): grpc.ClientUnaryCall;
  VerifyChain(argument: _hokusai_audit_v1_VerifyChainRequest, callback: grpc.requestCallback<_hokusai_audit_v1_VerifyChainResponse__Output>): grpc.ClientUnaryCall;
  /**
   * Recomputes the chain, compares it with its checkpoints and with the witnesses given, and
   * names the first row that is wrong. PERMISSION_DENIED for members. Without a deadline it may take half an hour.
   */
  verifyChain(argument: _hokusai_audit_v1_VerifyChainRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_hokusai_audit_v1_VerifyChainResponse__Output>): grpc.ClientUnaryCall;
  verifyChain(argument: _hokusai_audit_v1_VerifyChainRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_hokusai_audit_v1_VerifyChainResponse__Output>): grpc.ClientUnaryCall;
  verifyChain(argument: _hokusai_audit_v1_VerifyChainRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_hokusai_audit_v1_VerifyChainResponse__Output>): grpc.ClientUnaryCall;
  verifyChain(argument: _hokusai_audit_v1_VerifyChainRequest, callback: grpc.requestCallback<_hokusai_audit_v1_VerifyChainResponse__Output>): grpc.ClientUnaryCall;
  
}

/**
 * Queries of the log, and the confirmation that an event is stored.
 * 
 * Errors of every method: UNAUTHENTICATED (caller_unknown) and PERMISSION_DENIED
 * (method_not_granted) about the calling service; UNAUTHENTICATED also where the reader
 * names no user; INVALID_ARGUMENT with a `BadRequest`; UNAVAILABLE while the database
 * can't be reached; DEADLINE_EXCEEDED; INTERNAL. Methods that are not built yet answer
 * UNIMPLEMENTED.
 */
export interface AuditServiceHandlers extends grpc.UntypedServiceImplementation {
  /**
   * Which of these events are committed, and where in the chain. The keys
   * service keeps the answer as a witness that this database's owner can't rewrite.
   * INVALID_ARGUMENT for an id that is no uuid, and for more than 1,000.
   */
  ConfirmStored: grpc.handleUnaryCall<_hokusai_audit_v1_ConfirmStoredRequest__Output, _hokusai_audit_v1_ConfirmStoredResponse>;
  
  /**
   * Oldest first, as a stream of any length: a header, who signs, the events with the
   * checkpoints in their places, an end. Without its end an export is not whole.
   */
  ExportEvents: grpc.handleServerStreamingCall<_hokusai_audit_v1_ExportEventsRequest__Output, _hokusai_audit_v1_ExportEventsResponse>;
  
  /**
   * One event by its id. NOT_FOUND (event_not_found) also for one that is not the reader's.
   */
  GetEvent: grpc.handleUnaryCall<_hokusai_audit_v1_GetEventRequest__Output, _hokusai_audit_v1_GetEventResponse>;
  
  /**
   * Signed states of the chain, newest first, keyset-paged.
   */
  ListCheckpoints: grpc.handleUnaryCall<_hokusai_audit_v1_ListCheckpointsRequest__Output, _hokusai_audit_v1_ListCheckpointsResponse>;
  
  /**
   * Newest first, or oldest first, keyset-paged. INVALID_ARGUMENT for a cursor that no page gave, a period
   * that ends before it begins, and a page_size over 500.
   */
  ListEvents: grpc.handleUnaryCall<_hokusai_audit_v1_ListEventsRequest__Output, _hokusai_audit_v1_ListEventsResponse>;
  
  /**
   * Recomputes the chain, compares it with its checkpoints and with the witnesses given, and
   * names the first row that is wrong. PERMISSION_DENIED for members. Without a deadline it may take half an hour.
   */
  VerifyChain: grpc.handleUnaryCall<_hokusai_audit_v1_VerifyChainRequest__Output, _hokusai_audit_v1_VerifyChainResponse>;
  
}

export interface AuditServiceDefinition extends grpc.ServiceDefinition {
  ConfirmStored: MethodDefinition<_hokusai_audit_v1_ConfirmStoredRequest, _hokusai_audit_v1_ConfirmStoredResponse, _hokusai_audit_v1_ConfirmStoredRequest__Output, _hokusai_audit_v1_ConfirmStoredResponse__Output>
  ExportEvents: MethodDefinition<_hokusai_audit_v1_ExportEventsRequest, _hokusai_audit_v1_ExportEventsResponse, _hokusai_audit_v1_ExportEventsRequest__Output, _hokusai_audit_v1_ExportEventsResponse__Output>
  GetEvent: MethodDefinition<_hokusai_audit_v1_GetEventRequest, _hokusai_audit_v1_GetEventResponse, _hokusai_audit_v1_GetEventRequest__Output, _hokusai_audit_v1_GetEventResponse__Output>
  ListCheckpoints: MethodDefinition<_hokusai_audit_v1_ListCheckpointsRequest, _hokusai_audit_v1_ListCheckpointsResponse, _hokusai_audit_v1_ListCheckpointsRequest__Output, _hokusai_audit_v1_ListCheckpointsResponse__Output>
  ListEvents: MethodDefinition<_hokusai_audit_v1_ListEventsRequest, _hokusai_audit_v1_ListEventsResponse, _hokusai_audit_v1_ListEventsRequest__Output, _hokusai_audit_v1_ListEventsResponse__Output>
  VerifyChain: MethodDefinition<_hokusai_audit_v1_VerifyChainRequest, _hokusai_audit_v1_VerifyChainResponse, _hokusai_audit_v1_VerifyChainRequest__Output, _hokusai_audit_v1_VerifyChainResponse__Output>
}
