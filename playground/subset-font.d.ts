declare module "subset-font" {
  /** The font with the glyphs of a text alone. */
  export default function subsetFont(
    font: Uint8Array,
    text: string,
    options?: { readonly targetFormat?: "sfnt" | "woff" | "woff2"; readonly noLayoutClosure?: boolean },
  ): Promise<Buffer>;
}
