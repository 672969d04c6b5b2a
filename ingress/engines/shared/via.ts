/** Our name in Via. */
export const viaPseudonym = 'portolan';
