/** The audit log: who keeps it going, and what the gateway shows of it. */
import { setTimeout as delay } from 'node:timers/promises';
import { join } from 'node:path';
import { noteAuditRead, requireBundles } from '../../core/access/audit-entries.ts';
import { fileAnchor } from '../../core/audit/anchor.ts';
import { parseVerifierKey } from '../../core/audit/log/note.ts';
import { logSigner } from '../../core/audit/log-key.ts';
import { entryBundle, publishedLog, tileOf } from '../../core/audit/read-log.ts';
import { createSequencer, type Sequencer } from '../../core/audit/sequencer.ts';
import { createWitnessClient } from '../../core/audit/witness-client.ts';
import { createWitnesses, noWitnesses, type Witnesses } from '../../core/audit/witness.ts';
import type { AuditLogRoutes } from '../../gateway/http/audit-log.ts';
import type { Closing } from './closing.ts';
import type { Foundation } from './foundation.ts';

type Needed = Pick<Foundation, 'config' | 'db' | 'keyring' | 'clock' | 'auditLog' | 'log'>;

/** Published within a second, whoever is slow. */
const PATIENCE_MS = 500;

function openWitnesses({ auditLog, db, log }: Needed, closing: Closing): Witnesses {
  const { witnesses, required } = auditLog;
  if (witnesses.length === 0) return noWitnesses;
  const client = createWitnessClient();
  closing.add(() => client.close());
  return createWitnesses({
    db,
    quorum: required,
    witnesses: witnesses.map(({ key, url }) => ({ verifier: parseVerifierKey(key), url: url.replace(/\/$/, '') })),
    post: (url, body) => client.post(url, body),
    patience: () => delay(PATIENCE_MS),
    report: (witness, reason) => log.warn({ name: witness, reason }, 'a witness did not sign the checkpoint'),
  });
}

/** `MAPLEBRIDGE_URL`'s host: what clients know this installation by. */
const defaultOrigin = (publicUrl: string): string => `${new URL(publicUrl).host}/audit`;

export function createLogSequencer(foundation: Needed, closing: Closing): Sequencer {
  const { config, db, keyring, clock, auditLog } = foundation;
  return createSequencer({
    db,
    clock,
    origin: auditLog.origin ?? defaultOrigin(config.publicUrl),
    signer: (origin) => logSigner(keyring, origin),
    anchor: fileAnchor(join(config.dataFolder, 'audit')),
    witnesses: openWitnesses(foundation, closing),
  });
}

export function auditLogRoutes({
  db,
  keyring,
  clock,
}: Pick<Foundation, 'db' | 'keyring' | 'clock'>): Omit<AuditLogRoutes, 'authenticate'> {
  return {
    checkpoint: async () => (await publishedLog(db))?.note ?? null,
    async vkey() {
      const published = await publishedLog(db);
      return published && `${logSigner(keyring, published.origin).vkey}\n`;
    },
    tile: (level, index, width) => tileOf(db, { level, index }, width),
    bundle: (index, width) => entryBundle(db, index, width),
    // Looked after as whoever asks `auditEntries`: written down before it is given.
    async admitToBundles(caller, bundle) {
      await requireBundles(db, caller);
      await noteAuditRead(db, caller, clock.wall(), { list: 'bundles', by: { bundle } });
    },
  };
}
