/** How each operation is done by each door, so that it succeeds, is refused, or fails. */
import { randomUUID } from 'node:crypto';

/** What an operation is done with and to: made anew for each. */
export interface Ground {
  /** A key of the user that works, with a retired secret in its grace. */
  keyId: string;
  retiredPrefix: string;
  userId: string;
  /** Somebody else's key. */
  foreignKeyId: string;
  /** External id of the user. */
  externalId: string;
  /** An event that every admin may see. */
  eventId: string;
  version: number;
}

export interface Attempt {
  /** Whose key acts; `weak`: a member's that may do nothing but read from MLflow. */
  by: 'admin' | 'member' | 'weak';
  rest?: readonly [method: string, path: string, body?: object];
  cli?: readonly string[];
  grpc?: readonly [
    service: 'keyManagement' | 'userManagement' | 'audit' | 'auditWitness',
    method: string,
    request?: object,
  ];
  /** What the event names, where it is known before. */
  target?: { type: string; id: string } | undefined;
}

type Attempts = Partial<Record<'success' | 'refused' | 'failed', (ground: Ground) => Attempt>>;

const KEYS = '/api/v1/auth/keys';
const USERS = '/api/v1/users';
const AUDIT = '/api/v1/audit';
const nobody = () => randomUUID();
const keyTarget = (id: string) => ({ type: 'key', id });
const userTarget = (id: string) => ({ type: 'user', id });
const names = (...paths: string[]) => ({ updateMask: { paths } });

/** Refused by the gateway, which knows the scopes of keys. */
function byGateway(path: string, cli?: readonly string[]): Attempts {
  return { refused: () => ({ by: 'weak', rest: ['GET', path], ...(cli && { cli }) }) };
}

function switching(disabled: boolean): Attempts {
  const word = disabled ? 'disable' : 'enable';
  const attempt = (by: Attempt['by'], id: string): Attempt => ({
    by,
    rest: ['PATCH', `${USERS}/${id}`, { disabled }],
    cli: ['users', word, id, ...(disabled ? ['--yes'] : [])],
    grpc: ['userManagement', 'UpdateUser', { userId: id, disabled, ...names('disabled') }],
    target: userTarget(id),
  });
  return { success: ({ userId }) => attempt('admin', userId), refused: () => attempt('admin', nobody()) };
}

export const OPERATIONS: Readonly<Record<string, Attempts>> = {
  createKey: {
    success: () => ({
      by: 'admin',
      rest: ['POST', KEYS, { name: 'made' }],
      cli: ['auth', 'create-key', '--name', 'made'],
      grpc: ['keyManagement', 'CreateKey', { name: 'made' }],
    }),
    refused: () => ({
      by: 'member',
      rest: ['POST', KEYS, { name: 'made', scopes: ['admin'] }],
      cli: ['auth', 'create-key', '--name', 'made', '--scope', 'admin'],
      grpc: ['keyManagement', 'CreateKey', { name: 'made', scopes: { scopes: ['admin'] } }],
    }),
  },
  getKey: {
    refused: ({ foreignKeyId: id }) => ({
      ...{ by: 'member', target: keyTarget(id) },
      ...{
        rest: ['GET', `${KEYS}/${id}`],
        cli: ['auth', 'show-key', id],
        grpc: ['keyManagement', 'GetKey', { keyId: id }],
      },
    }),
  },
  listKeys: { refused: () => ({ by: 'weak', grpc: ['keyManagement', 'ListKeys'] }) },
  updateKey: {
    success: ({ keyId: id }) => ({
      ...{ by: 'admin', target: keyTarget(id), rest: ['PATCH', `${KEYS}/${id}`, { name: 'other' }] },
      cli: ['auth', 'update-key', id, '--name', 'other'],
      grpc: ['keyManagement', 'UpdateKey', { keyId: id, name: 'other', ...names('name') }],
    }),
    refused: ({ foreignKeyId: id }) => ({
      ...{ by: 'member', target: keyTarget(id), rest: ['PATCH', `${KEYS}/${id}`, { name: 'other' }] },
      cli: ['auth', 'update-key', id, '--name', 'other'],
      grpc: ['keyManagement', 'UpdateKey', { keyId: id, name: 'other', ...names('name') }],
    }),
    failed: ({ keyId: id, version }) => ({
      ...{ by: 'admin', target: keyTarget(id) },
      rest: ['PATCH', `${KEYS}/${id}`, { name: 'other', if_version: String(version - 1) }],
      grpc: [
        'keyManagement',
        'UpdateKey',
        { keyId: id, name: 'other', ifVersion: version - 1, ...names('name') },
      ],
    }),
  },
  rotateKey: onKey((id) => ({
    rest: ['POST', `${KEYS}/${id}/rotate`, {}],
    cli: ['auth', 'rotate-key', id, '--yes'],
    grpc: ['keyManagement', 'RotateKey', { keyId: id }],
  })),
  endRetiredSecret: onKey((id, prefix) => ({
    rest: ['DELETE', `${KEYS}/${id}/retired-secrets/${prefix}`],
    cli: ['auth', 'end-grace', id, prefix, '--yes'],
    grpc: ['keyManagement', 'EndRetiredSecret', { keyId: id, keyPrefix: prefix }],
  })),
  revokeKey: onKey((id) => ({
    rest: ['DELETE', `${KEYS}/${id}?reason=gone`],
    cli: ['auth', 'revoke-key', id, '--reason', 'gone', '--yes'],
    grpc: ['keyManagement', 'RevokeKey', { keyId: id, reason: 'gone' }],
  })),
  createUser: {
    success: () => ({
      by: 'admin',
      rest: ['POST', USERS, { display_name: 'Made' }],
      cli: ['users', 'create', '--display-name', 'Made'],
      grpc: ['userManagement', 'CreateUser', { displayName: 'Made' }],
    }),
    refused: () => ({ by: 'member', grpc: ['userManagement', 'CreateUser', { displayName: 'Made' }] }),
    failed: ({ externalId }) => ({
      by: 'admin',
      rest: ['POST', USERS, { display_name: 'Made', external_id: externalId }],
      cli: ['users', 'create', '--display-name', 'Made', '--external-id', externalId],
      grpc: ['userManagement', 'CreateUser', { displayName: 'Made', externalId }],
    }),
  },
  getUser: {
    refused: () => {
      const id = nobody();
      return {
        ...{
          by: 'admin',
          target: userTarget(id),
          rest: ['GET', `${USERS}/${id}`],
          cli: ['users', 'show', id],
        },
        grpc: ['userManagement', 'GetUser', { userId: id }],
      };
    },
  },
  listUsers: { refused: () => ({ by: 'member', grpc: ['userManagement', 'ListUsers'] }) },
  updateUser: {
    success: ({ userId: id }) => rename(id),
    refused: () => rename(nobody()),
  },
  disableUser: switching(true),
  enableUser: switching(false),
  signIn: {
    success: () => ({ by: 'weak', rest: ['POST', '/api/v1/auth/sign-in'], cli: ['auth', 'login'] }),
  },
  listAuditEvents: {
    success: () => ({
      ...{ by: 'admin', rest: ['GET', `${AUDIT}/events?action=key.created&limit=1`] },
      ...{ cli: ['audit', 'list', '--limit', '1'], grpc: ['audit', 'ListEvents', { pageSize: 1 }] },
      target: { type: 'audit', id: 'list' },
    }),
    ...byGateway(`${AUDIT}/events`, ['audit', 'list']),
  },
  getAuditEvent: {
    success: ({ eventId: id }) => showing(id),
    refused: () => showing(nobody()),
  },
  exportAuditEvents: {
    success: () => ({
      ...{ by: 'admin', rest: ['GET', `${AUDIT}/export?action=user.enabled`] },
      ...{ cli: ['audit', 'export', '--action', 'user.enabled'] },
      grpc: ['audit', 'ExportEvents', { filter: { action: 'user.enabled' } }],
      target: { type: 'audit', id: 'export' },
    }),
    ...byGateway(`${AUDIT}/export`, ['audit', 'export']),
  },
  listAuditCheckpoints: {
    success: () => ({
      ...{ by: 'admin', rest: ['GET', `${AUDIT}/checkpoints`], grpc: ['audit', 'ListCheckpoints'] },
      target: { type: 'audit', id: 'checkpoints' },
    }),
    ...byGateway(`${AUDIT}/checkpoints`),
  },
  verifyAuditLog: {
    success: () => verifying('admin'),
    // By REST the keys service refuses first: it is asked for what it has kept of the log.
    refused: () => ({ ...verifying('member'), target: undefined }),
  },
  listAuditWitnesses: {
    refused: () => ({
      ...{ by: 'member', rest: ['GET', `${AUDIT}/witnesses`], target: { type: 'audit', id: 'witnesses' } },
    }),
  },
  whoami: {},
  getUsageSummary: byGateway('/api/v1/usage/summary'),
  getUsageTimeSeries: byGateway('/api/v1/usage/timeseries'),
  listUsageEndpoints: byGateway('/api/v1/usage/endpoints'),
  listTopUsage: byGateway('/api/v1/usage/top'),
  listUnusedKeys: byGateway('/api/v1/usage/unused'),
  listObservedClients: byGateway('/api/v1/usage/observed'),
  getUsageIntegrity: byGateway('/api/v1/usage/integrity'),
};

function rename(id: string): Attempt {
  return {
    ...{ by: 'admin', target: userTarget(id), rest: ['PATCH', `${USERS}/${id}`, { display_name: 'Other' }] },
    cli: ['users', 'update', id, '--display-name', 'Other'],
    grpc: ['userManagement', 'UpdateUser', { userId: id, displayName: 'Other', ...names('display_name') }],
  };
}

function showing(id: string): Attempt {
  return {
    ...{ by: 'admin', rest: ['GET', `${AUDIT}/events/${id}`], cli: ['audit', 'show', id] },
    ...{ grpc: ['audit', 'GetEvent', { eventId: id }], target: { type: 'audit', id: 'show' } },
  };
}

function verifying(by: Attempt['by']): Attempt {
  return {
    ...{ by, rest: ['POST', `${AUDIT}/verify`, {}], cli: ['audit', 'verify', '--on-server'] },
    ...{ grpc: ['audit', 'VerifyChain'], target: { type: 'audit', id: 'verify' } },
  };
}

/** Done by an admin to the user's key, and tried by a member with somebody else's. */
function onKey(how: (id: string, retiredPrefix: string) => Omit<Attempt, 'by'>): Attempts {
  return {
    success: ({ keyId, retiredPrefix }) => ({
      by: 'admin',
      target: keyTarget(keyId),
      ...how(keyId, retiredPrefix),
    }),
    refused: ({ foreignKeyId, retiredPrefix }) => ({
      ...{ by: 'member', target: keyTarget(foreignKeyId) },
      ...how(foreignKeyId, retiredPrefix),
    }),
  };
}
