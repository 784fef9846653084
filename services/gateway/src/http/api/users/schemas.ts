/** Users in requests and answers. */
import { EXTERNAL_ID_LIMIT, NAME_LIMIT } from '@hokusai/contracts/fields';
import { z } from 'zod';
import { email, expected, limit, line, listOf, page, role, storedEmail, time, uuid } from '../fields.ts';

const EXTERNAL_ID = {
  description: "The identity provider's name for the user; unique.",
  examples: ['ada@idp'],
};
const DISPLAY_NAME = {
  description:
    'What the user is called; the name that MLflow gets to see, and the audit log, unless there is an address in it.',
  examples: ['Ada'],
};
const externalId = line(EXTERNAL_ID_LIMIT).meta(EXTERNAL_ID);
const displayName = line(NAME_LIMIT).meta(DISPLAY_NAME);
const ratePerHour = limit('Requests in any hour over all keys of the user; null: no such limit.', 50_000);

/** `null` counts as left out. */
export const createUserRequest = z
  .strictObject({
    external_id: externalId.nullish(),
    email: email.nullish(),
    display_name: displayName,
    role: role.nullish(),
    rate_limit_per_hour: ratePerHour.nullish(),
  })
  .meta({ id: 'CreateUserRequest', description: 'What is left out, or null, takes its default.' });
export type CreateUserBody = z.infer<typeof createUserRequest>;

export const updateUserRequest = z
  .strictObject({
    email: email.nullable().optional(),
    display_name: displayName.optional(),
    role: role.optional(),
    disabled: z
      .boolean(expected('expected true or false'))
      .optional()
      .meta({ description: 'While true, none of the keys of the user works.', examples: [true] }),
    rate_limit_per_hour: ratePerHour.nullable().optional(),
  })
  .refine((fields) => Object.keys(fields).length > 0, 'name at least one field to change')
  .meta({
    id: 'UpdateUserRequest',
    description: 'What is to change; the rest stays as it is. null takes the address or the limit away.',
    minProperties: 1,
  });
export type UpdateUserBody = z.infer<typeof updateUserRequest>;

export const listUsersQuery = z.strictObject({
  ...page,
  external_id: externalId.optional().meta({ description: 'The user with exactly this external id.' }),
  email: email.optional().meta({ description: 'Users with this address, in any case.' }),
  role: role.optional().meta({ description: 'Users with this role.' }),
  state: z
    .enum(['active', 'disabled'], 'expected active or disabled')
    .optional()
    .meta({ description: 'Users in this state.', examples: ['active'] }),
});
export type ListUsersQuery = z.infer<typeof listUsersQuery>;

export const userPath = z.strictObject({ id: uuid('Of the user.') });

export const userResponse = z
  .strictObject({
    id: uuid('Of the user.'),
    external_id: z.string().meta(EXTERNAL_ID).nullable(),
    email: storedEmail.nullable(),
    display_name: z.string().meta(DISPLAY_NAME),
    role,
    rate_limit_per_hour: ratePerHour.nullable(),
    created_at: time('When the user was created.'),
    disabled_at: time('Since when none of the keys of the user works; null: they do.').nullable(),
  })
  .meta({ id: 'User', description: 'A person or a program that owns keys.' });
export type UserJson = z.infer<typeof userResponse>;

export const userListResponse = listOf('UserList', userResponse);
