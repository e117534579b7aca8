/**
 * The person the README's first query asks for: the same in every county of 500 people or more, always written clean, known to
 * all four departments. The area code begins with 99, which GB/T 2260 gives to no province, so that the number can be nobody's.
 */
export const STAR_PERSON = { name: '宋枫桥', citizenId: '990102197103150028', birthDate: '1971-03-15' } as const;
/** Married to the star; written clean too. */
export const STAR_SPOUSE = { name: '沈远山', citizenId: '990102196908210038', birthDate: '1969-08-21' } as const;
/** The neighbour on the other side of the wall. */
export const STAR_OPPONENT = { name: '何守田', citizenId: '990102196405060058', birthDate: '1964-05-06' } as const;
