/**
 * A chain of referrals as it leaves the house: one canonical JSON text (RFC 8785) in which everything is vouched for by the
 * checkpoint. `verify-chain.ts` checks it with the log's public key and nothing else.
 */
import { canonicalJson } from './canonical.ts';
import type { Opening } from './commitment.ts';

/** 2: the manifest may have parts, and what came of a matter is committed to. */
export const CHAIN_FORMAT = 'maplebridge-chain/2';
export const CHAIN_MANIFEST = 'chain.exported';

/** Types, not interfaces: they are written as JSON. */
export type ProvenEntry = {
  /** Its place in the log. */
  readonly index: number;
  /** The leaf's bytes, UTF-8. */
  readonly entry: string;
  /** Hashes, base64, that lead from it to the checkpoint's root. */
  readonly proof: readonly string[];
};

export type EventEntry = ProvenEntry & {
  /** What was said, and the salt under which the entry committed to it. Absent: nothing was, or it has been erased. */
  readonly words?: Opening;
};

export type ChainFile = {
  readonly format: typeof CHAIN_FORMAT;
  /** Signed note (C2SP tlog-checkpoint). */
  readonly checkpoint: string;
  /** List every referral of the chain with its last event; one, but for a chain too long for one entry of a log. */
  readonly manifest: readonly ProvenEntry[];
  /** In the order of the log. */
  readonly events: readonly EventEntry[];
};

/** What an entry of the manifest says, in its body. */
export type ChainManifest = {
  /** Which it is, from 1, of how many. */
  readonly part: number;
  readonly parts: number;
  readonly root: string;
  /** False: the chain has referrals that whoever asked for it may not see. */
  readonly complete: boolean;
  readonly referrals: readonly {
    readonly id: string;
    /** Of its last event. */
    readonly sequence: number;
    /** Hash of that event's leaf, base64. */
    readonly leaf: string;
    /** Sequences of the events whose words the file opens; those of others have been erased, or nothing was said. */
    readonly words: readonly number[];
  }[];
};

export const writeChainFile = (file: ChainFile): string => canonicalJson(file);
