// Protobuf messages put together by hand, right and wrong ones: a writer of its own, from the format's description.

/** A field: a number is a varint, a text or bytes have their length before them. */
export type Field = readonly [number: number, value: number | bigint | string | Uint8Array];

/** The bytes of a varint, of a negative number its 64 bits. */
export function varint(value: number | bigint): number[] {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
  return [...bytes, Number(rest)];
}

/** Varints one after another, as packed fields have them. */
export const varints = (...values: readonly (number | bigint)[]): Uint8Array => Uint8Array.from(values.flatMap(varint));

export function message(...fields: readonly Field[]): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(
    fields.flatMap(([field, value]) => {
      if (typeof value === "number" || typeof value === "bigint") return [...varint(field * 8), ...varint(value)];
      const bytes = typeof value === "string" ? new TextEncoder().encode(value) : value;
      return [...varint(field * 8 + 2), ...varint(bytes.length), ...bytes];
    }),
  );
}

/** The bytes of an array's numbers. */
export const rawBytes = (array: ArrayBufferView): Uint8Array =>
  new Uint8Array(array.buffer, array.byteOffset, array.byteLength).slice();

/** A TensorProto of a type's number, with fields of data. */
export const tensorMessage = (shape: readonly number[], type: number, ...data: readonly Field[]): Uint8Array =>
  message(...shape.map((n): Field => [1, n]), [2, type], ...data);

/** A ModelProto whose graph has these fields. */
export const modelMessage = (...graph: readonly Field[]): Uint8Array<ArrayBuffer> =>
  message([1, 8], [7, message(...graph)], [8, message([2, 17])]);
