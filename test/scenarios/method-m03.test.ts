/** M03, three-level whistle (三级吹哨报到): what the resident has not accepted does not close. */
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { openInstallation, until, type Installation } from '../kit/installation.ts';
import { after, createReferralDesk, result, running, startOf } from '../kit/referral-desk.ts';
import type { ReferralDesk, ShownReferral } from '../kit/referral-desk.ts';
import { handlerOf, OPERATOR } from './county.ts';

let installation: Installation;
let desk: ReferralDesk;
beforeAll(async () => {
  const { dataFolder, url } = inject('installation');
  installation = await openInstallation(dataFolder, url);
  desk = createReferralDesk(installation, OPERATOR);
});
afterAll(() => installation.close());

const NEIGHBOURHOOD = handlerOf('t02-c01');
const STREET = handlerOf('t02');
const DISTRICT = handlerOf('county');

/** A resident tells the neighbourhood, which blows the whistle for the street. */
const whistle = async (more: object = {}): Promise<ShownReferral> => {
  const place = await desk.idOf('t02-c01-p1-g1-m1');
  return desk.mustOpen(NEIGHBOURHOOD, {
    dispute: await desk.openDispute({ place, channel: 'GRID_WORKER' }, NEIGHBOURHOOD),
    kind: 'WHISTLE',
    lead: await desk.idOf('t02'),
    playbook: 'M03',
    summary: '小区下水道堵塞，请街道报到。',
    ...more,
  });
};

const fedBack = async (more: object = {}): Promise<ShownReferral> => {
  const reported = await desk.must(STREET, 'acceptReferral', await whistle(more));
  return desk.must(STREET, 'submitFeedback', reported, result('SETTLED', '管道已疏通。'));
};

describe('The three whistle lists', () => {
  const lists = [
    ['ROUTINE', { report: [2, 'WORKING_DAYS'] }, { settle: [7, 'DAYS'] }],
    ['URGENT', { 'report-urgent': [2, 'HOURS'] }, { 'settle-urgent': [24, 'HOURS'] }],
    [
      'CRITICAL',
      { 'acceptance-critical': [1, 'HOURS'], 'report-key': [1, 'WORKING_DAYS'] },
      { 'settle-key': [30, 'DAYS'] },
    ],
  ] as const;

  test.each(lists)(
    'a whistle of the list %s has its own limits to report and to settle',
    async (urgency, report, settle) => {
      const dueOf = (limits: object, from: string) =>
        Object.fromEntries(
          Object.entries(limits as Record<string, [number, 'HOURS']>).map(([name, limit]) => [
            name,
            after(from, ...limit),
          ]),
        );
      const blown = await whistle({ urgency });
      expect(blown).toMatchObject({ step: 'dispatch', urgency, responsible: { code: 't02-c01' } });
      expect(running(blown)).toEqual(dueOf(report, blown.openedAt));
      const reported = await desk.must(STREET, 'acceptReferral', blown);
      expect(reported).toMatchObject({ step: 'accept', responsible: { code: 't02' } });
      const [name = ''] = Object.keys(settle);
      expect(running(reported)).toEqual(dueOf(settle, startOf(reported, name)));
    },
  );

  test('whoever does not answer an urgent whistle is passed over: the district takes it and tells the resident', async () => {
    const blown = await whistle({ urgency: 'URGENT' });
    await desk.advance('5h');
    const raised = await until('the whistle has gone up', async () => {
      const shown = await desk.mustRead(NEIGHBOURHOOD, blown.id);
      return shown.lead.code === 'county' ? shown : null;
    });
    expect(raised).toMatchObject({ status: 'DISPATCHED', step: 'dispatch', responsible: { code: 't02-c01' } });
    // The level that takes it has the whole time.
    expect(running(raised)).toEqual({ 'report-urgent': after(startOf(raised, 'report-urgent'), 2, 'HOURS') });
    expect((await desk.refused(STREET, 'acceptReferral', raised)).code).toBe('FORBIDDEN');
    const reported = await desk.must(DISTRICT, 'acceptReferral', raised);
    const told = await desk.must(DISTRICT, 'submitFeedback', reported, result('SETTLED', '区级协调，已疏通。'));
    expect(told).toMatchObject({ status: 'FEEDBACK_GIVEN', step: 'feed-back', responsible: { code: 'county' } });
  });
});

describe('The acceptance slip', () => {
  test('without the resident’s rating it does not close, whoever asks and whoever else has rated', async () => {
    let told = await fedBack();
    expect(running(told)).toEqual({ 'acceptance-slip': after(startOf(told, 'acceptance-slip'), 7, 'DAYS') });
    const unrated = { code: 'ILLEGAL_TRANSITION', message: expect.stringContaining('PERSON') as string };
    expect(await desk.refused(NEIGHBOURHOOD, 'closeReferral', told)).toMatchObject(unrated);
    expect(await desk.refused(STREET, 'closeReferral', told)).toMatchObject({ code: 'FORBIDDEN' });
    told = await desk.must(NEIGHBOURHOOD, 'rateReferral', told, { by: 'WHISTLER', score: 5 });
    expect(await desk.refused(NEIGHBOURHOOD, 'closeReferral', told)).toMatchObject(unrated);
    // Who is judged does not write down the judgement.
    const own = await desk.refused(STREET, 'rateReferral', told, { by: 'PERSON', score: 5 });
    expect(own.code).toBe('FORBIDDEN');
    told = await desk.must(NEIGHBOURHOOD, 'rateReferral', told, { by: 'PERSON', score: 5 });
    expect((await desk.must(NEIGHBOURHOOD, 'closeReferral', told)).status).toBe('CLOSED');
  });

  test('over the resident’s objection it stays open until a better result has been accepted', async () => {
    let told = await fedBack();
    told = await desk.must(NEIGHBOURHOOD, 'rateReferral', told, {
      by: 'PERSON',
      score: 1,
      objects: true,
      comment: '又堵了。',
    });
    const objected = await desk.refused(NEIGHBOURHOOD, 'closeReferral', told);
    expect(objected).toMatchObject({
      code: 'ILLEGAL_TRANSITION',
      message: expect.stringContaining('objects') as string,
    });
    told = await desk.must(STREET, 'submitFeedback', told, result('SETTLED', '更换了主管道。'));
    // The better result is a new question to the resident.
    expect((await desk.refused(NEIGHBOURHOOD, 'closeReferral', told)).code).toBe('ILLEGAL_TRANSITION');
    told = await desk.must(NEIGHBOURHOOD, 'rateReferral', told, { by: 'PERSON', score: 5 });
    const closed = await desk.must(NEIGHBOURHOOD, 'closeReferral', told);
    expect(closed.ratings.map(({ score, objects }) => [score, objects])).toEqual([
      ...[
        [1, true],
        [5, false],
      ],
    ]);
    expect(running(closed)).toEqual({
      'satisfaction-round': after(startOf(closed, 'satisfaction-round'), 30, 'DAYS'),
    });
    const visited = await desk.must(NEIGHBOURHOOD, 'recordReturnVisit', closed, {
      ...{ visitedAt: '2026-01-08T09:00:00+08:00', holds: true, interviewed: 12, note: '本楼居民均满意。' },
    });
    expect(visited).toMatchObject({
      status: 'CLOSED',
      step: 'visit',
      returnVisits: [{ holds: true, interviewed: 12 }],
    });
    expect(running(visited)).toEqual({});
  });
});
