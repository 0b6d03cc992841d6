export declare const LETTERS: string;
export declare function textOf(bytes: Uint8Array): string;
