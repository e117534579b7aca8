/** Subgraphs, in the gateway's process or one of them as a service of its own. */
import { hostname } from 'node:os';
import type { DepartmentHealth } from '../../core/department.ts';
import { reportedHealth, reportHealth } from '../../core/organisations/source-health.ts';
import { describeError } from '../../core/platform/log.ts';
import type { Queues } from '../../core/platform/queue.ts';
import type { Subgraph } from '../../core/subgraph.ts';
import { createCallerTokens } from '../../gateway/executor/caller-token.ts';
import { createSubgraphServer } from '../../gateway/executor/subgraph-server.ts';
import { createCivilAffairsSubgraph } from '../../subgraphs/civil-affairs/resolvers.ts';
import { createCourtsSubgraph } from '../../subgraphs/courts/resolvers.ts';
import type { SubgraphName } from '../../subgraphs/kit/type-defs.ts';
import { createOversightSubgraph } from '../../subgraphs/oversight/resolvers.ts';
import { createPetitionsSubgraph } from '../../subgraphs/petitions/resolvers.ts';
import { createPoliceSubgraph } from '../../subgraphs/police/resolvers.ts';
import { createReferralsSubgraph } from '../../subgraphs/referrals/resolvers.ts';
import { createRegistrySubgraph } from '../../subgraphs/registry/resolvers.ts';
import { createCarrying } from './carrying.ts';
import type { Closing } from './closing.ts';
import { DEPARTMENTS, isDepartmentKey, SOURCES, type DepartmentKey, type OpenDepartment } from './departments.ts';
import { announcingDeliveries, endpointDeps } from './delivery.ts';
import type { Foundation } from './foundation.ts';
import { announcer, openQueues } from './queues.ts';

const REPORT_EVERY_MS = 2_000;

/**
 * `queues`: null where nobody acts. `elsewhere`: departments asked by services of their own, whose health is known by what they report.
 */
export function createSubgraphs(
  foundation: Foundation,
  open: OpenDepartment,
  elsewhere: (name: SubgraphName) => boolean,
  queues: Queues | null,
): Readonly<Record<SubgraphName, () => Subgraph>> {
  const { db, keyring, clock, reference } = foundation;
  const parts = { keyring, clock };
  const healthOf = (name: DepartmentKey): (() => Promise<DepartmentHealth>) => {
    if (elsewhere(name)) return reportedHealth(db, clock, SOURCES[name]);
    return () => Promise.resolve(open(name).health());
  };
  return {
    courts: () => createCourtsSubgraph({ ...parts, department: open('courts') }),
    police: () => createPoliceSubgraph({ ...parts, department: open('police') }),
    petitions: () => createPetitionsSubgraph({ ...parts, department: open('petitions') }),
    'civil-affairs': () => createCivilAffairsSubgraph({ ...parts, department: open('civil-affairs') }),
    registry: () => createRegistrySubgraph({ db, keyring, clock, reference }),
    referrals: () =>
      createReferralsSubgraph({
        ...{ ...parts, db, reference, ...createCarrying(foundation) },
        announce: queues ? announcer(foundation, queues) : () => undefined,
        announceDeliveries: queues ? announcingDeliveries(foundation, queues) : () => undefined,
        endpoints: endpointDeps(foundation),
      }),
    oversight: () =>
      createOversightSubgraph({
        ...{ ...parts, db },
        health: new Map(DEPARTMENTS.map((name) => [SOURCES[name], healthOf(name)])),
      }),
  };
}

/** Serves one subgraph on HOST and PORT; a department's also reports how its system is. */
export async function serveSubgraph(
  name: SubgraphName,
  foundation: Foundation,
  open: OpenDepartment,
  closing: Closing,
): Promise<string> {
  const { config, keyring, clock, log, db } = foundation;
  const queues = name === 'referrals' ? await openQueues(foundation, closing) : null;
  const subgraph = createSubgraphs(foundation, open, (other) => other !== name, queues)[name]();
  const server = await createSubgraphServer({
    subgraph,
    tokens: createCallerTokens(name, keyring, clock),
    host: config.host,
    port: config.port,
    log,
    ready: () =>
      db.query('select 1').then(
        () => true,
        () => false,
      ),
  });
  closing.add(() => server.close());
  if (isDepartmentKey(name)) {
    const department = open(name);
    const instance = `${hostname()}:${process.pid}`;
    const report = (): void => {
      reportHealth(db, instance, [department], clock.wall()).catch((error: unknown) =>
        log.warn({ error: describeError(error) }, 'the health of a department could not be reported'),
      );
    };
    report();
    const timer = setInterval(report, REPORT_EVERY_MS);
    closing.add(() => clearInterval(timer));
  }
  return server.url;
}
