// Original file: protos/hokusai/keys/v1/validation.proto


export interface GetKeyStateRequest {
  'keyId'?: (string);
  'requestId'?: (string);
}

export interface GetKeyStateRequest__Output {
  'keyId': (string);
  'requestId': (string);
}
