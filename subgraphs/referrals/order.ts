/** What is asked for, made whole: the lead by the responsibility list where none is named, the playbook, the legal basis. */
import { isViolent } from '../../core/access/predicate.ts';
import { accusedOf } from '../../core/access/referral-sight.ts';
import type { VisibleDispute } from '../../core/access/visible-dispute.ts';
import { loadAllOrganisations } from '../../core/organisations/organisation.ts';
import type { Tx } from '../../core/platform/db.ts';
import { AppError, badInput } from '../../core/platform/errors.ts';
import type { Playbook } from '../../core/playbooks/playbook.ts';
import type { OpenReferral } from '../../core/referrals/act.ts';
import { route, type Question, type Route } from '../../core/routing/route.ts';
import type { ReferralsContext } from './loaders.ts';
import type { OpenReferralInput } from './resolver-types.generated.ts';

const DEFAULT_PLAYBOOK = 'STANDARD';

function choosePlaybook({ deps: { playbooks } }: ReferralsContext, input: OpenReferralInput): Playbook {
  const playbook = playbooks.latest(input.playbook ?? DEFAULT_PLAYBOOK);
  if (!playbook) throw badInput('input.playbook', 'There is no such playbook; `playbooks` lists them.');
  if (playbook.kinds && !playbook.kinds.includes(input.kind))
    throw badInput('input.kind', `This playbook carries only: ${playbook.kinds.join(', ')}.`);
  return playbook;
}

const MATTER = `select array(select id from ${accusedOf('d.id')} as of_dispute) as accused, ${isViolent('d')} as "isViolent"
from dispute d where d.id = $1`;

async function routeIt(
  tx: Tx,
  { caller, deps }: ReferralsContext,
  dispute: VisibleDispute,
  input: OpenReferralInput,
): Promise<Route> {
  const [organisations, matter] = await Promise.all([
    loadAllOrganisations(tx),
    tx.one<{ accused: string[]; isViolent: boolean }>(MATTER, [dispute.id]),
  ]);
  const sender = organisations.find(({ id }) => id === caller.organisation.id);
  if (!sender) throw new AppError('FORBIDDEN', 'Your organisation is closed; it sends nothing any more.');
  return route(
    {
      category: dispute.category as Question['category'],
      kind: input.kind,
      place: organisations.find(({ id }) => id === dispute.placeId) ?? null,
      organisations,
      ...matter,
      sender,
    },
    deps.responsibilities,
  );
}

export async function orderReferral(
  tx: Tx,
  context: ReferralsContext,
  dispute: VisibleDispute,
  input: OpenReferralInput,
): Promise<{ readonly playbook: Playbook; readonly order: OpenReferral }> {
  if (input.summary.trim() === '') throw badInput('input.summary', 'Say what it is about and what is asked.');
  const playbook = choosePlaybook(context, input);
  const routed = input.lead ? null : await routeIt(tx, context, dispute, input);
  const lead = input.lead ?? routed?.lead?.id;
  if (!lead) {
    throw new AppError('ROUTING_FORBIDDEN', 'Nobody in the county may take this. Hand it to the level above by hand.');
  }
  const ids = (rows: Route['assisting'] | undefined): string[] => rows?.map(({ id }) => id) ?? [];
  return {
    playbook,
    order: {
      disputeId: dispute.id,
      kind: input.kind,
      from: context.caller.organisation.id,
      lead,
      undertaking: input.undertaking ?? [],
      assisting: [...(input.assisting ?? []), ...ids(routed?.assisting)],
      guiding: [...(input.guiding ?? []), ...ids(routed?.guiding)],
      urgency: input.urgency ?? (dispute.urgency as OpenReferral['urgency']),
      summary: input.summary,
      legalBasis: input.legalBasis ?? routed?.legalBasis ?? playbook.nameZh,
      parent: input.parent ?? null,
      statutoryPath: routed?.statutoryPath ?? null,
      routed: routed && `${routed.because.reason} ${routed.because.entries.join(' ')}`.trim(),
    },
  };
}
