import { listOrganisations } from '../../core/organisations/organisation.ts';
import { openCursor, pageSize, sealCursor } from '../../core/platform/cursor.ts';
import { cutPage, toConnection } from '../kit/connection.ts';
import type { CallerResolvers, OrganisationResolvers, QueryResolvers } from './resolver-types.generated.ts';

export const Organisation: OrganisationResolvers = {
  __resolveReference: (reference, context) =>
    'id' in reference && reference.id
      ? context.organisations.load(reference.id)
      : context.organisationsByCode.load((reference as { readonly code: string }).code),
  parent: ({ parentId }, _, context) => (parentId === null ? null : context.organisations.load(parentId)),
};

const NOTICES = [
  '您查阅的个人信息均有记录；异常查阅由审计人员复核。What you read of people is recorded, and auditors look at unusual reading.',
];

export const Caller: CallerResolvers = {
  notices: () => NOTICES,
  organisation: async (caller, _, context) => {
    const organisation = await context.organisations.load(caller.organisation.id);
    if (!organisation) throw new Error('the caller’s organisation has gone during the request');
    return organisation;
  },
};

export const organisationQueries: Pick<QueryResolvers, 'organisation' | 'organisations' | 'me'> = {
  me: (_, __, { caller }) => caller,
  organisation: (_, { code }, context) => context.organisationsByCode.load(code),
  async organisations(_, { level, kind, under, first, after }, { deps: { db, keyring } }) {
    const size = pageSize(first, 100);
    const rows = await listOrganisations(db, {
      ...(level ? { level } : {}),
      ...(kind ? { kind } : {}),
      ...(under ? { underId: under } : {}),
      ...(after ? { afterPath: openCursor(keyring, 'organisations', after).sort } : {}),
      limit: size + 1,
    });
    return toConnection({
      ...cutPage(rows, size),
      cursorOf: ({ path, id }) => sealCursor(keyring, 'organisations', { sort: path, id }),
      hasPreviousPage: Boolean(after),
      totalCount: null,
    });
  },
};
