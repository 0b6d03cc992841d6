// Names of files in archives and in other files: they must stay within their folder.

/** Isn't it the name of a file within a folder? */
export const leadsOut = (name: string): boolean =>
  // eslint-disable-next-line no-control-regex
  name === "" || /^\/|^[a-z]:|[\\\0-\x1f]|(?:^|\/)\.\.?(?:\/|$)/i.test(name);
