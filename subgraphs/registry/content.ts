/** What a record says of somebody; opened once per request however often it is asked. */
import { openMention, type MentionContent } from '../../core/people/index-row.ts';
import type { RegistryContext } from './loaders.ts';

type Sealed = Parameters<typeof openMention>[1];

const opened = new WeakMap<Sealed, MentionContent>();

export function contentOf(mention: Sealed, { deps }: Pick<RegistryContext, 'deps'>): MentionContent {
  let content = opened.get(mention);
  if (!content) opened.set(mention, (content = openMention(deps.keyring, mention)));
  return content;
}
