/** How many follow, in words. */

export const howMany = (count: number): string =>
  count === 0 ? 'Nobody follows yet' : count === 1 ? 'One follows' : `${count} follow`;
