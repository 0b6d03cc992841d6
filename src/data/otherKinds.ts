// Says what a file is that can't be read as what it was given for, by its first bytes, and what to do.
/* eslint-disable no-control-regex */

/** The beginnings of files, each byte a letter; what they are, and what to do. */
const KINDS: readonly (readonly [begin: string | RegExp, what: string])[] = [
  [
    /^PK\x03\x04.{26}(?:\[Content_Types\]\.xml|_rels\/|docProps\/|xl\/)/s,
    "an Excel workbook (.xlsx); save its sheet as CSV",
  ],
  [/^PK\x03\x04.{26}mimetype.{0,40}opendocument/s, "an OpenDocument file (.ods); save its sheet as CSV"],
  [/^PK\x03\x04.{26}[^\0]{0,300}\.npy/s, "NumPy arrays in one file (.npz); readNpz reads them, or readTable"],
  [/^PK\x03\x04.{26}[^\0]{0,300}data\.pkl/s, "a PyTorch file; readTorch reads its tensors"],
  ["PK\x03\x04", "a zip archive or an Excel workbook (.xlsx); save its sheet as CSV"],
  ["PK\x05\x06", "a zip archive without files"],
  ["\xd0\xcf\x11\xe0", "an old Excel workbook (.xls); save its sheet as CSV"],
  ["PAR1", "a Parquet file; write it as CSV"],
  ["ARROW1", "an Arrow or Feather file; write it as CSV"],
  ["Obj\x01", "an Avro file; write it as CSV"],
  ["SQLite format 3", "a SQLite database; write its table as CSV"],
  ["%PDF", "a PDF document"],
  [/^(?:\x89PNG|\xff\xd8\xff|GIF8[79]a|RIFF.{4}WEBP|II\*\0|MM\0\*)/s, "a picture"],
  ["\x93NUMPY", "a NumPy array (.npy); readNpy reads it, or readTable"],
  ["\x89HDF", "an HDF5 file; write it as CSV"],
  ["MATLAB 5.0", "a MATLAB file; write it as CSV"],
  [/^(?:RD[XAB][23]\n|[XAB]\n\0\0\0[23])/, "a file of R's own (.rda, .rds); write it with write.csv in R"],
  ["\x1f\x8b", "a gzip file in a gzip file; unpack it once"],
  ["\x28\xb5\x2f\xfd", "a file that zstd made; unpack it"],
  ["\xfd7zXZ", "a file that xz made; unpack it"],
  [/^BZh\d1AY/, "a file that bzip2 made; unpack it"],
  ["7z\xbc\xaf", "a 7z archive; unpack it"],
  ["Rar!\x1a", "a RAR archive; unpack it"],
  // at the end of the first file's header
  [/^.{257}ustar/s, "a tar archive; unpack it"],
  [
    /^\x80[\x02-\x05](?:[\x95}\]()cX\x8c]|$)/,
    "a Python pickle, which is a program and never read; write it as CSV in Python",
  ],
  [
    /^(?:\xef\xbb\xbf)?\s{0,100}<(?:!doctype html|html|head|body)[\s>]/i,
    "a web page (HTML); is it a download that failed, or one of a login?",
  ],
  [/^(?:\xef\xbb\xbf)?\s{0,100}<\?xml/i, "an XML file; write it as CSV"],
];

/** What a file looks like that begins so, `a PDF document`; undefined if nothing is known to. */
export function otherKind(start: Uint8Array): string | undefined {
  const head = String.fromCharCode(...start.subarray(0, 512));
  return KINDS.find(([begin]) => (typeof begin === "string" ? head.startsWith(begin) : begin.test(head)))?.[1];
}
