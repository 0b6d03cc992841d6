/// <reference types="vite/client" />

/** The library's version. */
declare const VERSION: string;
