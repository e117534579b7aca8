/** The texts of disputes, sealed under a key of the dispute's own. */
import type { Keyring } from '../platform/keyring.ts';
import { openOwned, sealOwned } from '../platform/owned.ts';

/** A dispute with its row of `data_key`. One from before there were keys has none, and none of its texts is sealed by one. */
export interface DisputeKey {
  readonly id: string;
  readonly wrapped: Buffer | null;
}

export type DisputeText = 'title' | 'description' | 'address' | 'missingDocuments' | LinkText;

/** Why a record was linked, and why it was taken out, by the record's id; why a proposal was decided so, by the proposal's. */
export type LinkText = `link/${string}` | `unlink/${string}` | `proposal/${string}`;

/** Texts are sealed each under a context of its own, so that none can stand in another's place. */
export const textContext = (id: string, text: DisputeText): string => (text === 'title' ? id : `${id}/${text}`);

export const sealText = (keyring: Keyring, { id, wrapped }: DisputeKey, text: DisputeText, plain: string): Buffer =>
  sealOwned(keyring, 'index.cipher', { owner: id, wrapped }, plain, textContext(id, text));

/** Null: its words were destroyed when their time had come. */
export const openText = (
  keyring: Keyring,
  { id, wrapped }: DisputeKey,
  text: DisputeText,
  cipher: Buffer,
): string | null => openOwned(keyring, 'index.cipher', { owner: id, wrapped }, cipher, textContext(id, text));

export const openTitle = (keyring: Keyring, dispute: DisputeKey & { readonly titleCipher: Buffer }): string =>
  openText(keyring, dispute, 'title', dispute.titleCipher) ?? '';

interface MissingDocuments {
  /** In clear, from before they were sealed. */
  readonly missingDocuments: readonly string[];
  readonly missingDocumentsCipher: Buffer | null;
}

/** Empty when their time was over. */
export function openMissingDocuments(keyring: Keyring, dispute: DisputeKey & MissingDocuments): readonly string[] {
  const { missingDocuments, missingDocumentsCipher } = dispute;
  if (missingDocumentsCipher === null) return missingDocuments;
  return JSON.parse(openText(keyring, dispute, 'missingDocuments', missingDocumentsCipher) ?? '[]') as string[];
}
