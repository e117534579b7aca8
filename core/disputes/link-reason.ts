/** Why a proposal was made, in words: after the code, which stays as it is. Nothing in them is anybody's. */

const WORDS: Readonly<Record<string, string>> = {
  PARTIES_BOTH_SIDES: 'the same people on both sides 双方当事人相同',
  PARTIES_ONE_SIDE_SEVERAL: 'the same people claim, and one of the two names nobody else 同一方多名当事人相同',
  PARTIES_ONE_SIDE: 'the same person claims, and one of the two names nobody else 同一方当事人相同',
  PARTIES_ONE_SIDE_SOME: 'some of those who claim are the same 部分当事人相同',
  CATEGORY_SAME: 'one category 类别相同',
  CATEGORY_RELATED: 'categories in which one matter is taken down 类别相近',
  PLACE_SAME: 'one place 地点相同',
  PLACE_WITHIN: 'one place, more or less closely noted 地点相容',
  PLACE_UNKNOWN: 'one of the two does not say where 地点不详',
  TIME_CLOSE: 'soon one after the other 时间接近',
  TIME_NEAR: 'within the time that such matters take from one office to another 时间相近',
  INTAKE_DUPLICATE:
    'taken down at a desk with a party, a category and a place of a dispute that was open 登记时疑似重复',
};

export const sayReason = (code: string): string => (code in WORDS ? `${code}: ${WORDS[code]}` : code);
