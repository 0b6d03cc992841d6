// Files for the user.

/** Milliseconds for which a download's bytes are kept: the browser may ask the user where to put them first. */
const KEPT = 120_000;

/** Starts a download. */
export function download(name: string, part: BlobPart, type: string): void {
  const url = URL.createObjectURL(new Blob([part], { type }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), KEPT);
}
