// Original file: protos/hokusai/usage/v1/usage.proto

import type { Timestamp as _google_protobuf_Timestamp, Timestamp__Output as _google_protobuf_Timestamp__Output } from '../../../google/protobuf/Timestamp.ts';

export interface UnusedKey {
  'keyId'?: (string);
  'keyPrefix'?: (string);
  'name'?: (string);
  'userId'?: (string);
  'lastUsedAt'?: (_google_protobuf_Timestamp | null);
}

export interface UnusedKey__Output {
  'keyId': (string);
  'keyPrefix': (string);
  'name': (string);
  'userId': (string);
  'lastUsedAt': (_google_protobuf_Timestamp__Output | null);
}
