/** Networks that can't be read: what the error says. */
export const REFUSED: Readonly<Record<string, RegExp>> = {};
