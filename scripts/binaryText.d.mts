export declare const ALPHABET: string;
export declare function encode(bytes: Uint8Array): string;
