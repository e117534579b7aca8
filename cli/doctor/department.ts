/** Whether each department's system answers, asked as the gateway would ask it. */
import { randomBytes } from 'node:crypto';
import type { Kit } from '../../adapters/kit/kit.ts';
import { systemClock } from '../../core/platform/clock.ts';
import type { Db } from '../../core/platform/db.ts';
import { createKeyring } from '../../core/platform/keyring.ts';
import { silentLog } from '../../core/platform/log.ts';
import { createAdapter, DEPARTMENTS, type DepartmentKey } from '../start/departments.ts';
import type { Foundation } from '../start/foundation.ts';
import { fail, ok, reasonOf, timed, warn, within, type Finding } from './finding.ts';

const PATIENCE_MS = 10_000;
/** Slower than this, a person who waits for four of them notices. */
const SLOW_MS = 1_000;

/** `db` is not asked: a ping needs nothing that is stored. */
export const lookAtDepartments = (written: Foundation['departmentSettings'], db: Db): Promise<Finding[]> =>
  Promise.all(DEPARTMENTS.map((name) => lookAt(name, written, db)));

async function lookAt(name: DepartmentKey, written: Foundation['departmentSettings'], db: Db): Promise<Finding> {
  if (!written.has(name))
    return warn(`${name}: has no settings and is not asked`, `add departments.${name} to MAPLEBRIDGE_CONFIG`);
  const kit: Kit = { clock: systemClock, log: silentLog, keyring: createKeyring(randomBytes(32)), shared: null };
  try {
    const department = createAdapter(written, name, { kit, db, scanDb: null });
    try {
      const { ms } = await timed(() => within(PATIENCE_MS, department.ping()));
      const what = `${name}: its system answered in ${ms} ms`;
      return ms > SLOW_MS ? warn(what, 'ask the department; people who wait get what was known last') : ok(what);
    } finally {
      await department.close();
    }
  } catch (error) {
    return fail(
      `${name}: ${reasonOf(error)}`,
      `see its settings and the network; then npx maplebridge adapter check ${name}`,
    );
  }
}
