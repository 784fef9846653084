// Original file: protos/hokusai/keys/v1/validation.proto

import type { Long } from '@grpc/proto-loader';

export interface KeyChange {
  'keyId'?: (string);
  'version'?: (number | string | Long);
}

export interface KeyChange__Output {
  'keyId': (string);
  'version': (string);
}
