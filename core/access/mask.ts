/** Identifiers are masked unless the caller may see them and says why (domain rule 5). */

/** `3301**********1234`: area and the last four stay. */
export const maskCitizenId = (number: string): string =>
  number.length <= 8
    ? '*'.repeat(number.length)
    : number.slice(0, 4) + '*'.repeat(number.length - 8) + number.slice(-4);

/** `139****8888`; of a short number the last two stay. */
export const maskPhone = (phone: string): string =>
  phone.length >= 11
    ? phone.slice(0, 3) + '*'.repeat(phone.length - 7) + phone.slice(-4)
    : '*'.repeat(Math.max(0, phone.length - 2)) + phone.slice(-2);

/** `王**`: enough to tell two parties apart, not to know who they are. */
export const maskName = (name: string): string => {
  const characters = [...name];
  return characters.slice(0, 1).join('') + '*'.repeat(Math.max(0, characters.length - 1));
};
