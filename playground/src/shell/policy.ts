// Why a page may not run WebAssembly.

/** Does a message say that a policy of the site or the browser forbids it? The library says so in its own words, engines in theirs. */
export const isPolicy = (message: string): boolean => /polic|unsafe-eval|CSP/i.test(message);
