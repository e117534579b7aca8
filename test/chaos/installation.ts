/** What a run works on: servers of its own, an issuer, a county, and the gateway and the worker as programs of their own. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Clock } from '../../core/platform/clock.ts';
import { createDb, type Db } from '../../core/platform/db.ts';
import { freePort } from '../../core/platform/free-port.ts';
import { loadKeyring } from '../../core/platform/key-folder.ts';
import type { Keyring } from '../../core/platform/keyring.ts';
import { systemClock } from '../../core/platform/clock.ts';
import { advanceDemoClock, createDemoClock } from '../../demo/clock.ts';
import { openDemoIssuer, type DemoIssuer } from '../../demo/issuer/issuer.ts';
import { writeCounty } from './county.ts';
import { openShakenPostgres, type ShakenPostgres } from './postgres.ts';
import { keepRunning, type KeptProgram } from './program.ts';
import { openShakenRedis, redisProgram, type ShakenRedis } from './redis.ts';

export interface ChaosInstallation {
  readonly url: string;
  readonly issuer: DemoIssuer;
  readonly gateway: KeptProgram;
  readonly worker: KeptProgram;
  readonly postgres: ShakenPostgres;
  readonly redis: ShakenRedis | null;
  readonly db: Db;
  readonly keyring: Keyring;
  readonly clock: Clock;
  readonly advance: (ms: number) => void;
  /** `keep`: its folder stays, for somebody to look into. */
  close(keep: boolean): Promise<void>;
  readonly folder: string;
}

async function openRedis(folder: string): Promise<ShakenRedis> {
  const program = redisProgram();
  if (program === null) throw new Error('No redis-server is installed.');
  return openShakenRedis(program, folder);
}

export async function openChaosInstallation(backend: 'postgres' | 'redis'): Promise<ChaosInstallation> {
  const folder = mkdtempSync(join(tmpdir(), 'maplebridge-chaos-'));
  const data = join(folder, 'data');
  mkdirSync(data);
  const keys = join(folder, 'keys');
  const keyring = loadKeyring(keys, { create: true });
  const issuer = await openDemoIssuer({ folder: join(folder, 'issuer'), audience: 'chaos', clock: systemClock });
  const serving = await issuer.serve();
  const postgres = await openShakenPostgres(join(folder, 'postgres'));
  const redis = backend === 'redis' ? await openRedis(folder) : null;
  // Where the demo's clock lies in its data folder.
  const clockFile = join(data, 'demo', 'clock.json');
  const env = {
    // Issuer and servers of its own, and a clock that goes on in leaps.
    MAPLEBRIDGE_DEMO: 'force',
    MAPLEBRIDGE_CONFIG: writeCounty(join(folder, 'county')),
    MAPLEBRIDGE_DATA: data,
    MAPLEBRIDGE_KEYS: keys,
    DATABASE_URL: postgres.url,
    ...(redis ? { REDIS_URL: redis.url } : {}),
    OIDC_ISSUER: issuer.url,
    OIDC_AUDIENCE: issuer.audience,
    LOG_LEVEL: 'warn',
  };
  const port = String(await freePort());
  const gateway = keepRunning({ role: 'gateway', env: { ...env, PORT: port } });
  const worker = keepRunning({ role: 'worker', env: { ...env, PORT: String(await freePort()) } });
  const db = createDb({ url: postgres.url, max: 4, applicationName: 'chaos' });
  return {
    ...{ url: `http://127.0.0.1:${port}`, issuer, gateway, worker, postgres, redis, db, keyring, folder },
    clock: createDemoClock(clockFile),
    advance: (ms) => void advanceDemoClock(clockFile, ms),
    async close(keep) {
      await Promise.all([gateway.stop(), worker.stop()]);
      await db.close();
      await postgres.close();
      await redis?.close();
      await serving.close();
      if (!keep) rmSync(folder, { recursive: true, force: true });
    },
  };
}
