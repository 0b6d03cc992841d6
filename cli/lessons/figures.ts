// How the lessons write their figures.

/** A share, as "71.9 %". */
export const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;

/** A figure with three decimals. */
export const three = (figure: number): string => figure.toFixed(3);

/** A count, as "4,454". */
export const thousands = (count: number): string => count.toLocaleString("en-US");
