/** What to look at when something went wrong: for each kind of error, in the order in which to look. */
export const advice = {
  connectionRefused: [
    'Check host and port of MLFLOW_TRACKING_URI, and that the server is running there.',
    'Check that no firewall or VPN stands between: `hokusai doctor` tests each step of the way.',
  ],
  hostNotFound: [
    'Check the spelling of the host in MLFLOW_TRACKING_URI.',
    'If the host is right, check the DNS, and that the VPN which serves the name is connected.',
  ],
  tls: [
    "If the server's certificate is from an authority of your own, name its file in NODE_EXTRA_CA_CERTS before the program starts.",
    "Check that MLFLOW_TRACKING_URI names the host that the certificate is for, and this machine's clock.",
    'If the server speaks plain HTTP, MLFLOW_TRACKING_URI begins with http://.',
  ],
  timeout: [
    'Give it longer with timeoutMs, or MLFLOW_HTTP_REQUEST_TIMEOUT in seconds, if the call is a large one.',
    'Check that MLFLOW_TRACKING_URI is reachable from here: `hokusai doctor` tests each step of the way.',
  ],
  connectionLost: [
    'Call again: the server or something before it closed the connection.',
    'If it goes on, look for a restart of the server, or a proxy that ends long requests.',
    'If it never worked, check MLFLOW_TRACKING_URI: a port that speaks TLS closes connections that begin with http://.',
  ],
  authentication: [
    'Check MLFLOW_TRACKING_TOKEN (or HOKUSAI_API_KEY): the whole key, hk_live_… or hk_test_…, with nothing before or after it.',
    'MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, when both are set, go before the token: unset them to use it.',
    'Check that MLFLOW_TRACKING_URI is the server which made the key.',
  ],
  notFound: [
    'Check the id or name; on a gateway, another key may see it and this one not.',
    'If everything is not found, check the path of MLFLOW_TRACKING_URI: a gateway serves MLflow below /mlflow.',
  ],
  alreadyExists: ['Choose another name, or use what is there; deleted experiments keep their name.'],
  invalidRequest: ['The message says what the server does not take; the call has to change.'],
  rateLimited: [
    'Wait as long as the error says, or send less: metrics in batches count as one request each.',
    'If it goes on, ask for higher limits for the key: `hokusai auth update-key`.',
  ],
  serverError: [
    'Call again later; if it goes on, give the request id to whoever runs the server.',
    'A 502, 503 or 504 of a gateway means that the MLflow server behind it does not answer.',
  ],
  unexpectedAnswer: [
    'Check MLFLOW_TRACKING_URI, its path included: what answers there is not MLflow. A gateway serves it below /mlflow.',
    'A web page in place of JSON often is a sign-in page or a proxy that stands before the server.',
  ],
  aborted: ['The signal of the call was aborted; nothing is wrong with the server.'],
  checksum: [
    'Transfer the file again; if it stays different, it was changed on the server, or the expected checksum is of another version.',
  ],
  buffer: ['`lost` names the metrics that are not stored, and why; log them again after correcting them.'],
} as const satisfies Record<string, readonly string[]>;

/** By the gateway's reasons; without one it is MLflow itself, or something before it, that refuses. */
const PERMISSION: Readonly<Record<string, readonly string[]>> = {
  key_revoked: ['The key was revoked for good: put another one into MLFLOW_TRACKING_TOKEN.'],
  key_expired: [
    'The key has expired: whoever manages it can set a later date, or put another one into MLFLOW_TRACKING_TOKEN.',
  ],
  secret_rotated: [
    "The key was rotated: put its new secret into MLFLOW_TRACKING_TOKEN, and look for the old one in the program's settings.",
  ],
  owner_disabled: ["The key's owner is disabled: ask an admin of the gateway."],
  address_not_allowed: [
    "The key works from certain addresses only, and this machine's is none of them: check the VPN, or ask for the key's allowed_ips to be changed.",
  ],
  scope_missing: [
    'The key lacks the scope that the message names: ask whoever manages it, or put one that has it into MLFLOW_TRACKING_TOKEN.',
  ],
  insecure_transport: ['MLFLOW_TRACKING_URI has to begin with https://.'],
  environment_not_served: [
    'A key hk_test_… where only hk_live_… is served, or the other way round: check MLFLOW_TRACKING_TOKEN and MLFLOW_TRACKING_URI.',
  ],
  route_switched_off: ['The gateway does not pass this on: ask whoever runs it.'],
};

const PERMISSION_ELSEWHERE = [
  'Ask whoever runs the server: the key or user is known there, and may not do this.',
  'If the message speaks of a host, the MLflow server does not know the one in MLFLOW_TRACKING_URI (its --allowed-hosts).',
];

/** For a 403, by the gateway's reason. */
export function permissionAdvice(reason: string | undefined): readonly string[] {
  return (reason !== undefined && PERMISSION[reason]) || PERMISSION_ELSEWHERE;
}
