import { isCountyCentre } from '../../core/access/caller.ts';
import { loadSourceStandings } from '../../core/organisations/source-holder.ts';
import type { Subgraph } from '../../core/subgraph.ts';
import { createSubgraph } from '../kit/subgraph.ts';
import { Actor, AuditEntry, auditQueries } from './audit.ts';
import { Disclosure, disclosureQueries } from './disclosure.ts';
import type { OversightContext, OversightDeps } from './loaders.ts';
import { Irregularity, reviewQueries, UnusualReading } from './review.ts';
import type { Resolvers } from './resolver-types.generated.ts';

/** To others not exactly: one more could be an accusation of theirs that has just come in. */
const ROUND = 100;

const resolvers: Resolvers = {
  Query: {
    ...auditQueries,
    ...reviewQueries,
    ...disclosureQueries,
    async sources(_, __, { caller, deps: { db, health } }) {
      const standings = await loadSourceStandings(db, [...health.keys()], caller.organisation.selfAndAbove);
      return Promise.all(
        standings.map(async (standing) => {
          const ask = health.get(standing.code);
          if (!ask) throw new Error(`no department ${standing.code}`);
          return { ...standing, health: await ask() };
        }),
      );
    },
  },
  AuditEntry,
  Actor,
  UnusualReading,
  Irregularity,
  Disclosure,
  Source: {
    records: ({ code, records }, _, { caller }) =>
      records === null || isCountyCentre(caller) || caller.organisation.sources.includes(code)
        ? records
        : records - (records % ROUND),
    organisation: ({ organisationId }) => (organisationId === null ? null : { id: organisationId }),
    status: ({ health }) => health.status,
    circuit: ({ health }) => health.circuit,
    lastSuccessAt: ({ health }) => health.lastSuccessAt,
    successes: ({ health }) => health.successes,
    failures: ({ health }) => health.failures,
    latencyP95Ms: ({ health }) => health.latencyP95Ms,
  },
};

export const createOversightSubgraph = (deps: OversightDeps): Subgraph =>
  createSubgraph({ name: 'oversight', resolvers, createContext: (caller): OversightContext => ({ deps, caller }) });
