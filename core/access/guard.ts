/**
 * What keeps a row from callers who would otherwise come to it: the third of the policy's tables. The conditions in SQL stand in
 * predicate.ts, visible.ts and referral-sight.ts, and take from here for whom they open.
 */

export interface Guard {
  /** Domain rule. */
  readonly rule: number;
  readonly what: string;
  readonly zh: string;
  /** Who sees it all the same. */
  readonly opensTo: string;
  /** Kinds of organisation to which it opens when the case is theirs; none: to nobody by its kind. */
  readonly kindsOnCase: readonly string[];
  /** What others are shown in its place. */
  readonly instead: 'ABSENT' | 'COUNTED';
  readonly article: string;
}

const OWNER = 'who holds the record, and those above in the same department';

export const GUARDS = {
  accusation: {
    rule: 1,
    what: 'An accusation, its dispute, its referrals and what is told of them: from the accused organisation and all under it',
    zh: '检举控告对被检举单位及其下级不存在',
    opensTo: 'nobody of theirs, whatever else speaks for them',
    kindsOnCase: [],
    instead: 'ABSENT',
    article: '信访工作条例 22, 30, 46',
  },
  sealed: {
    rule: 6,
    what: 'A sealed record: of people under 18 at the time, and public-order penalties from 2026 on; at the desk: a party under 18, and place, address and title of the dispute',
    zh: '封存记录',
    opensTo: OWNER,
    kindsOnCase: [],
    instead: 'ABSENT',
    article: '治安管理处罚法 136; 未成年人保护法 103; 预防未成年人犯罪法 59',
  },
  classified: {
    rule: 6,
    what: 'A record classified by its owner for other reasons',
    zh: '涉密记录',
    opensTo: `${OWNER}; others who may read that department’s part are told how many there are`,
    kindsOnCase: [],
    instead: 'COUNTED',
    article: '保守国家秘密法',
  },
  protected: {
    rule: 7,
    what: 'Whatever is written down of violence at home and of shelter, and civil-affairs changes linked with it; telephones of those named on it; place, address and title of the dispute; when and how they are visited and told',
    zh: '家庭暴力受害人保护',
    opensTo: `${OWNER}; court, police, women’s federation, the serving committee and shelter staff on the case`,
    kindsOnCase: ['COURT', 'TRIBUNAL', 'POLICE', 'STATION', 'MASS_ORGANISATION', 'COMMITTEE', 'CIVIL_AFFAIRS'],
    instead: 'ABSENT',
    article: '反家庭暴力法 5, 13, 18',
  },
  reporter: {
    rule: 7,
    what: 'Who reported violence at home',
    zh: '报案人保密',
    opensTo: OWNER,
    kindsOnCase: [],
    instead: 'ABSENT',
    article: '反家庭暴力法 14',
  },
  counselling: {
    rule: 8,
    what: 'Result, notes and visits of a counselling referral',
    zh: '心理服务记录',
    opensTo:
      'the counsellor who wrote them; of others’ the one who asked for it. What came of it is shown to the others on the matter, in one word, only where the counsellor says that the person agrees',
    kindsOnCase: [],
    instead: 'ABSENT',
    article: '精神卫生法 23',
  },
} as const satisfies Readonly<Record<string, Guard>>;

/** Somebody of this kind of organisation, when the case is theirs, reads what is protected. */
export const servesProtected = (kind: string): boolean =>
  (GUARDS.protected.kindsOnCase as readonly string[]).includes(kind);
