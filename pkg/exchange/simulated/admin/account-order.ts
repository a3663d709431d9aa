import { Type } from 'typebox';
import { Compile } from 'typebox/compile';

import type { VenueAccount } from '../venue/venue.ts';

const ACCOUNT = Type.Object(
  {
    key: Type.String({ minLength: 1, maxLength: 255 }),
    secret: Type.String({ minLength: 1, maxLength: 1_024 }),
    balance: Type.String({ pattern: '^[0-9]{1,12}([.][0-9]{1,8})?$' }),
    addresses: Type.Optional(Type.Array(Type.String())),
    permissions: Type.Optional(
      Type.Partial(
        Type.Object({
          reading: Type.Boolean(),
          futures: Type.Boolean(),
          withdrawals: Type.Boolean(),
          isRevoked: Type.Boolean(),
        }),
      ),
    ),
  },
  { additionalProperties: false },
);

let validator: ReturnType<typeof Compile<typeof ACCOUNT>> | undefined;

/** Returns the account that was posted, or what is wrong with it; never repeats the secret. */
export function checkAccount(
  value: unknown,
): { readonly account: VenueAccount } | { readonly mistake: string } {
  validator ??= Compile(ACCOUNT);
  if (validator.Check(value)) return { account: value };
  const [first] = validator.Errors(value);
  const path = (first?.instancePath ?? '').slice(1).replaceAll('/', '.');
  return { mistake: `${path === '' ? 'the account' : path} ${first?.message ?? 'is not valid'}` };
}
