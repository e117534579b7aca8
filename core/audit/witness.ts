/**
 * Departments that co-sign (C2SP tlog-witness): each has seen that the log only ever grew. A county may ask for a number of them;
 * a checkpoint that fewer have signed is not published.
 */
import type { Queryable } from '../platform/db.ts';
import { AppError } from '../platform/errors.ts';
import { parseSignatureLines, type NoteSignature, type NoteVerifier } from './log/note.ts';
import { nodesFrom } from './log/tile.ts';
import { proveConsistency } from './log/tree.ts';
import type { Head } from './sequence.ts';
import { storedTiles } from './tile-store.ts';

export interface Witnesses {
  /** At least as many as asked for; rejects when fewer would. `note`: the checkpoint, signed by the log. */
  cosign(head: Head, note: string): Promise<readonly NoteSignature[]>;
}

export const noWitnesses: Witnesses = { cosign: () => Promise.resolve([]) };

export interface Witness {
  readonly verifier: NoteVerifier;
  /** Without `add-checkpoint`. */
  readonly url: string;
}

export interface WitnessAnswer {
  readonly status: number;
  readonly body: string;
}

export interface WitnessDeps {
  readonly db: Queryable;
  readonly witnesses: readonly Witness[];
  /** How many must have signed. */
  readonly quorum: number;
  /** Bounded in time and size by whoever makes it. */
  readonly post: (url: string, body: string) => Promise<WitnessAnswer>;
  readonly report: (witness: string, problem: string) => void;
  /** How long those are waited for whose signatures are not needed; publishing must not be slower for one that is slow. */
  readonly patience: () => Promise<void>;
}

/** A witness that knows another size than we thought says which; once is enough. */
const ATTEMPTS = 2;
const CONFLICT = 409;
const SIZE = /^(?:0|[1-9]\d{0,15})\n$/;

export function createWitnesses({ db, witnesses, quorum, post, report, patience }: WitnessDeps): Witnesses {
  /** What each has signed last, as far as this process knows. */
  const known = new Map<Witness, number>();
  /** Those that have not answered yet, perhaps for an earlier checkpoint: asked again once they have. */
  const busy = new Set<Witness>();

  async function ask(witness: Witness, { size }: Head, note: string): Promise<NoteSignature> {
    const { verifier, url } = witness;
    for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
      const old = known.get(witness) ?? 0;
      if (old > size) {
        // Asked afresh the next time: one wrong word must not keep it from signing until this process ends.
        known.delete(witness);
        throw new Error(`it has seen ${old} entries of a log that has ${size}`);
      }
      const proof = old === 0 || old === size ? [] : await proveConsistency(old, size, nodesFrom(storedTiles(db)));
      const lines = proof.map((hash) => `${hash.toString('base64')}\n`).join('');
      const answer = await post(`${url}/add-checkpoint`, `old ${old}\n${lines}\n${note}`);
      if (answer.status === CONFLICT && SIZE.test(answer.body)) {
        known.set(witness, Number(answer.body));
        continue;
      }
      if (answer.status !== 200) throw new Error(`it answered ${answer.status}`);
      const text = note.slice(0, note.lastIndexOf('\n\n') + 1);
      const signature = parseSignatureLines(answer.body).find((line) => verifier.check(text, line));
      if (!signature) throw new Error('it answered without a signature of its own');
      known.set(witness, size);
      return signature;
    }
    throw new Error('it keeps naming another size');
  }

  return {
    async cosign(head, note) {
      const signed = new Map<Witness, NoteSignature>();
      let tellEnough: () => void = () => undefined;
      const enough = new Promise<void>((resolve) => (tellEnough = resolve));
      const tellIfEnough = (): void => {
        if (signed.size >= quorum) tellEnough();
      };
      tellIfEnough();
      const asked = witnesses
        .filter((witness) => !busy.has(witness))
        .map(async (witness) => {
          busy.add(witness);
          try {
            signed.set(witness, await ask(witness, head, note));
            tellIfEnough();
          } catch (error) {
            report(witness.verifier.name, error instanceof Error ? error.message : 'it did not answer');
          } finally {
            busy.delete(witness);
          }
        });
      await Promise.race([Promise.all(asked), enough.then(patience)]);
      if (signed.size < quorum)
        throw new AppError(
          'INTERNAL',
          `${signed.size} of ${quorum} witnesses signed the checkpoint of ${head.size} entries: it is not published.`,
          { retryable: true },
        );
      return witnesses.flatMap((witness) => signed.get(witness) ?? []);
    },
  };
}
