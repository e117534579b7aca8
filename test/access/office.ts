/** A county small enough to be looked at whole: its offices, and anybody of them asking the centre's subgraphs anything. */
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { execute, parse, Kind } from 'graphql';
import { storeAgreements } from '../../core/access/agreement.ts';
import { PURPOSES, type Caller, type Purpose, type Role } from '../../core/access/caller.ts';
import { openGrant, type Grant } from '../../core/access/grant.ts';
import { createDispatch } from '../../core/delivery/dispatch.ts';
import { createTargetPolicy } from '../../core/delivery/target.ts';
import type { Link } from '../../core/audit/disclosure.ts';
import { createReferenceData, type ReferenceData } from '../../core/organisations/reference-data.ts';
import { projectRoot } from '../../core/platform/project-root.ts';
import { loadPlaybooks } from '../../core/playbooks/load-playbooks.ts';
import { createReferralEngine } from '../../core/referrals/engine.ts';
import { loadResponsibilities } from '../../core/routing/responsibility.ts';
import type { Subgraph } from '../../core/subgraph.ts';
import { createOversightSubgraph } from '../../subgraphs/oversight/resolvers.ts';
import { createReferralsSubgraph } from '../../subgraphs/referrals/resolvers.ts';
import { createRegistrySubgraph } from '../../subgraphs/registry/resolvers.ts';
import { createIndexRig, type IndexRig } from '../kit/index-rig.ts';
import { rules, workingDays } from '../kit/referral.ts';

/** Beside those of the rig: code, kind, parent. */
const OFFICES: readonly (readonly [string, string, string])[] = [
  ['petitions', 'PETITION_BUREAU', 'county'],
  ['civil-affairs', 'CIVIL_AFFAIRS', 'county'],
  ['discipline', 'DISCIPLINE', 'county'],
  ['womens-federation', 'MASS_ORGANISATION', 'county'],
  ['counselling', 'SOCIAL_ORGANISATION', 'county'],
  ['housing', 'ENFORCEMENT', 'county'],
  ['street', 'GOVERNMENT', 'county'],
  ['street-centre', 'CENTRE', 'street'],
  ['street-petitions', 'PETITION_BUREAU', 'street'],
  ['community', 'COMMITTEE', 'street'],
];
const SOURCES: Readonly<Record<string, string>> = {
  court: 'COURTS',
  station: 'POLICE',
  petitions: 'PETITIONS',
  'street-petitions': 'PETITIONS',
  'civil-affairs': 'CIVIL_AFFAIRS',
};

export interface Answer<T = Readonly<Record<string, unknown>>> {
  readonly data: T;
  readonly errors: readonly {
    readonly message: string;
    readonly code: unknown;
    readonly details: Readonly<Record<string, unknown>>;
  }[];
  /** SQL statements that it took. */
  readonly statements: number;
  /** Why the caller may see each person: what the gateway writes down. */
  readonly links: ReadonlyMap<string, Link>;
}

export interface Office extends IndexRig {
  readonly reference: ReferenceData;
  who(code: string, role?: Role, more?: Partial<Pick<Caller, 'purpose' | 'reason' | 'subject'>>): Promise<Caller>;
  ask<T = Readonly<Record<string, never>>>(caller: Caller, query: string, variables?: object): Promise<Answer<T>>;
  /** The same, and nothing is refused. */
  must<T = Readonly<Record<string, never>>>(caller: Caller, query: string, variables?: object): Promise<T>;
  /** What the registry grants this caller of the police's records of these. */
  readonly registry: {
    entities(caller: Caller, references: readonly object[]): Promise<Pick<Grant, 'records' | 'refused' | 'withheld'>[]>;
  };
  /** What waits in the outbox becomes deliveries. */
  dispatch(): Promise<void>;
}

const USUAL: Readonly<Record<Role, Purpose | null>> = {
  'centre.operator': 'mediation',
  'centre.supervisor': 'mediation',
  'department.handler': 'mediation',
  'department.head': 'mediation',
  auditor: 'audit',
  analyst: 'mediation',
  'department.system': 'mediation',
};

// Read once: every test opens an office of its own.
const playbooks = loadPlaybooks(join(projectRoot, 'schema/playbooks'), (id) =>
  rules.all.some((rule) => rule.id === id),
);
const responsibilities = loadResponsibilities(join(projectRoot, 'demo/county/responsibility.yaml'));

export async function openOffice(): Promise<Office> {
  const rig = await createIndexRig(50);
  const { db, keyring, clock } = rig;
  const paths = new Map([['county', 'county/']]);
  for (const [code, kind, parent] of OFFICES) {
    paths.set(code, `${paths.get(parent) ?? ''}${code}/`);
    await db.query(
      `insert into organisation (id, code, name, level, kind, path, parent_id)
       values ('org_' || $1, $1, $1, $2, $3, $4, 'org_' || $5)`,
      [code, parent === 'county' && kind !== 'GOVERNMENT' ? 'COUNTY' : 'TOWNSHIP', kind, paths.get(code), parent],
    );
  }
  for (const [code, source] of Object.entries(SOURCES))
    await db.query('update organisation set sources = array[$2] where code = $1', [code, source]);
  await storeAgreements(
    db,
    ['COURTS', 'POLICE', 'PETITIONS', 'CIVIL_AFFAIRS'].map((source) => ({
      ...{ source, purposes: [...PURPOSES], fieldGroups: ['index', 'contents'], expires: '2099-12-31' },
    })),
    clock.wall(),
  );
  const reference = createReferenceData(db, 0);
  const subgraphs: readonly Subgraph[] = [
    createRegistrySubgraph({ ...rig, reference }),
    createReferralsSubgraph({
      ...{ db, keyring, clock, reference, playbooks, rules },
      responsibilities,
      engine: createReferralEngine({ keyring, clock, playbooks, rules, workingDays }),
      announce: () => undefined,
      announceDeliveries: () => undefined,
      endpoints: { keyring, clock, policy: createTargetPolicy({ allow: [] }) },
    }),
    createOversightSubgraph({
      ...{ db, keyring, clock },
      health: new Map([
        ['POLICE', async () => rig.police.health()],
        ['PETITIONS', async () => rig.petitions.health()],
      ]),
    }),
  ];
  const dispatch = createDispatch({ db, clock, url: 'https://gateway.example/graphql' });
  let serial = 0;

  const office: Office = {
    ...rig,
    reference,
    async who(code, role = 'department.handler', more = {}) {
      const organisation = await reference.callerOrganisation(code);
      if (!organisation) throw new Error(`There is no office ${code}.`);
      serial += 1;
      const about = { subject: `${code}-${role}`, name: null, reason: null, requestId: `req_${serial}` };
      return { ...about, organisation, roles: [role], purpose: USUAL[role], ...more };
    },
    async ask<T>(caller: Caller, query: string, variables: object = {}) {
      const document = parse(query);
      const [operation] = document.definitions;
      if (operation?.kind !== Kind.OPERATION_DEFINITION) throw new Error('An operation comes first.');
      const [field] = operation.selectionSet.selections;
      const name = field?.kind === Kind.FIELD ? field.name.value : '';
      const subgraph = subgraphs.find(({ schema }) => schema.getRootType(operation.operation)?.getFields()[name]);
      if (!subgraph) throw new Error(`Nobody answers ${name}.`);
      const before = db.statements;
      const context = subgraph.createContext(caller);
      const { data, errors = [] } = await execute({
        schema: subgraph.schema,
        document,
        variableValues: { ...variables },
        contextValue: context,
      });
      return {
        data: data as T,
        errors: errors.map(({ message, originalError }) => {
          const { code, details = {} } = (originalError ?? {}) as { code?: unknown; details?: Record<string, unknown> };
          return { message, code, details };
        }),
        statements: db.statements - before,
        links: context.links ?? new Map(),
      };
    },
    async must<T>(caller: Caller, query: string, variables: object = {}) {
      const { data, errors } = await office.ask<T>(caller, query, variables);
      if (errors.length > 0) throw new Error(JSON.stringify(errors));
      return data;
    },
    registry: {
      async entities(caller, references) {
        const { _entities: found } = await office.must<{ _entities: { policeGrant: string }[] }>(
          caller,
          `query ($r: [_Any!]!) { _entities(representations: $r) { ... on Person { policeGrant } ... on Dispute { policeGrant } } }`,
          { r: references },
        );
        return found.map(({ policeGrant }) => openGrant({ keyring, clock }, 'POLICE', caller, policeGrant));
      },
    },
    async dispatch() {
      await dispatch.dispatch(...(await dispatch.due()));
    },
  };
  return office;
}

/** Opens a dispute at the caller's desk; its id. */
export async function openedBy(office: Office, caller: Caller, input: object): Promise<string> {
  const { openDispute } = await office.must<{ openDispute: { dispute: { id: string } | null } }>(
    caller,
    `mutation ($input: OpenDisputeInput!, $key: String!) {
      openDispute(input: $input, idempotencyKey: $key) { dispute { id } } }`,
    {
      input: {
        ...{ title: '楼上漏水', description: '三个月', category: 'NEIGHBOUR', channel: 'WALK_IN', place: 'org_place' },
        ...{ parties: [{ name: '王小明', role: 'APPLICANT' }], allowDuplicate: true },
        ...input,
      },
      key: randomUUID(),
    },
  );
  if (!openDispute.dispute) throw new Error('It was not opened.');
  return openDispute.dispute.id;
}

/** Refers a dispute; the referral's id. */
export async function referredBy(office: Office, caller: Caller, input: object): Promise<string> {
  const { openReferral } = await office.must<{ openReferral: { referral: { id: string } } }>(
    caller,
    `mutation ($input: OpenReferralInput!, $key: String!) {
      openReferral(input: $input, idempotencyKey: $key) { referral { id } } }`,
    { input: { kind: 'ASSIGN', summary: '请处理。', ...input }, key: randomUUID() },
  );
  return openReferral.referral.id;
}
