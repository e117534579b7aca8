import { setImmediate as othersTurn } from 'node:timers/promises';
import type { Clock } from '../../core/platform/clock.ts';
import { AppError } from '../../core/platform/errors.ts';
import type { Keyring } from '../../core/platform/keyring.ts';
import type { Log } from '../../core/platform/log.ts';
import type { Metrics } from '../../core/platform/metrics.ts';
import { afterThisTurn } from '../../core/platform/turn.ts';
import type { Subgraph } from '../../core/subgraph.ts';
import { createCallerTokens } from './caller-token.ts';
import type { SubgraphDataSource } from './data-source.ts';
import type { FederatedGatewayOptions } from './gateway.ts';
import { createLocalDataSource, type Readers } from './local.ts';
import { createOrigins } from './origins.ts';
import { createRemoteDataSource } from './remote.ts';

export interface DataSourcesOptions {
  /** MAPLEBRIDGE_SUBGRAPHS: one that is not named there runs in this process. */
  readonly where: 'local' | ReadonlyMap<string, string>;
  /** Those of this process. */
  readonly subgraphs: readonly Subgraph[];
  readonly keyring: Keyring;
  readonly clock: Pick<Clock, 'wall'>;
  readonly log: Log;
  readonly metrics: Metrics;
}

/** One of our own that cannot be reached within it is down. */
const CONNECT_TIMEOUT_MS = 1_000;

/** What each service usually takes, in whatever unit it is told; what was long ago counts for little. */
function createUsualTimes(): { note(name: string, time: number): void; isSlowest(name: string): boolean } {
  const times = new Map<string, number>();
  return {
    note(name, time) {
      const before = times.get(name) ?? time;
      times.set(name, before + (time - before) / 16);
    },
    isSlowest: (name) => (times.get(name) ?? Infinity) >= Math.max(...times.values()),
  };
}

/** For `createFederatedGateway`: each subgraph of the supergraph in this process or at its address, timed either way. */
export function createDataSources(options: DataSourcesOptions): FederatedGatewayOptions['dataSources'] {
  const { where, subgraphs, keyring, clock, log, metrics } = options;
  const seconds = metrics.histogram('maplebridge_subgraph_request_seconds', 'Time of one fetch from a subgraph.', [
    'service',
    'outcome',
  ]);
  const usual = createUsualTimes();
  const readers: Readers = new Map();
  const origins = createOrigins({ connectTimeoutMs: CONNECT_TIMEOUT_MS });
  const timed = (name: string, source: SubgraphDataSource): SubgraphDataSource => ({
    ...source,
    async fetch(request) {
      const stop = seconds.startTimer({ service: name });
      // An answer waits for the slowest that it asks: its request goes out before work for the others begins.
      if (!usual.isSlowest(name)) await othersTurn();
      try {
        const answer = await source.fetch(request);
        usual.note(name, stop({ outcome: answer.errors ? 'errors' : 'ok' }));
        return answer;
      } catch (error) {
        usual.note(name, stop({ outcome: 'unavailable' }));
        throw error;
      }
    },
  });
  return ({ name }) => {
    const url = where === 'local' ? undefined : where.get(name);
    if (url !== undefined) {
      const tokens = createCallerTokens(name, keyring, clock);
      return timed(name, createRemoteDataSource({ name, url, tokens, origins, log }));
    }
    const subgraph = subgraphs.find((own) => own.name === name);
    if (!subgraph) {
      throw new AppError(
        'BAD_USER_INPUT',
        `The supergraph has a subgraph ${name} that is neither here nor in MAPLEBRIDGE_SUBGRAPHS; add ${name}=http://host:port there.`,
      );
    }
    const inTurn = (begin: () => void): void => (usual.isSlowest(name) ? begin() : afterThisTurn(begin));
    return timed(name, createLocalDataSource({ subgraph, readers, inTurn, log }));
  };
}
