// Names of hosts, as mpirun takes them.

/** Is it a host's name or address? Commas and colons are between several, and what begins with a dash is an option. */
export const isHost = (name: unknown): boolean => typeof name === "string" && /^[A-Za-z0-9][\w.-]*$/.test(name);
