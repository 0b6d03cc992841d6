// Reads pickles, in which Python keeps objects, of protocols 2 to 5: numbers, texts, lists, tuples and dicts. A pickle is a program for a
// small machine with a stack, which may ask for any function and call it: here names that aren't known are refused, and nothing is called.
// see: Python, "pickletools", which describes every opcode
import { valueText } from "../util/check.ts";
import { utf8Text } from "./utf8.ts";

/** What has no parts. */
export type PickledScalar = null | boolean | number | bigint | string;

/** A list or a tuple. */
export interface PickledList<M> {
  readonly kind: "list" | "tuple";
  readonly items: Pickled<M>[];
}

/** A dict: keys and values in turns. */
export interface PickledDict<M> {
  readonly kind: "dict";
  readonly pairs: Pickled<M>[];
  /** An OrderedDict: it may have attributes, which are left out. */
  readonly ordered: boolean;
}

/** A class or function, `collections.OrderedDict`: its name alone. */
export interface PickledName {
  readonly kind: "name";
  readonly name: string;
}

/** What the rules made of a call or a persistent id. */
export interface PickledMade<M> {
  readonly kind: "made";
  readonly value: M;
}

/** A value of a pickle. A list, tuple or dict may be in several places, and in itself. */
export type Pickled<M> = PickledScalar | PickledList<M> | PickledDict<M> | PickledName | PickledMade<M>;

/** What a pickle may have besides numbers, texts, lists, tuples and dicts. */
export interface PickleRules<M> {
  /** The error of a pickle that can't be read, and where in it. */
  refuse(why: string, at: number): Error;
  /** Throws if this class or function isn't known. */
  checkName(name: string, at: number): void;
  /** What stands for the result of a known function: it is made here, of arguments that are checked. */
  call(name: string, args: readonly Pickled<M>[], at: number): Pickled<M>;
  /** What is kept elsewhere under this id. */
  persistent(id: Pickled<M>, at: number): Pickled<M>;
}

/** Bytes of the longest whole number. */
const MOST_DIGITS = 255;

/** Opcodes that are known and not read, and what they make. */
const REFUSED: Readonly<Record<string, string>> = {
  BC: "bytes; save numbers, x.tolist()",
  "\x8e\x96": "bytes; save numbers, x.tolist()",
  "\x8f\x90\x91": "a set; save a list",
  "io\x81\x92": "an object of a class; save numbers, texts, lists and dicts",
  "\x82\x83\x84": "an object of a registry of Python's; save numbers, texts, lists and dicts",
  "012": "a tuple that contains itself; save lists and dicts without circles",
  "ILFSVUTPgpld\x97\x98": "an object as protocol 0, 1 or 5 may write it; torch.save writes protocol 2",
};

/** What a value is, for messages. */
export function pickledText(value: Pickled<unknown>): string {
  if (value === null) return "None";
  if (typeof value === "boolean") return value ? "True" : "False";
  if (typeof value === "bigint") return "a whole number beyond 2^53";
  if (typeof value !== "object") return valueText(value);
  if (value.kind === "name") return nameText(value.name);
  return value.kind === "made" ? "a tensor or a storage" : `a ${value.kind}`;
}

/** A class's or function's name: one that is none by its letters is quoted. */
export const nameText = (name: string): string => (/^[\w.<>]{1,200}$/.test(name) ? name : valueText(name));

/**
 * Reads a pickle: nothing of it is run.
 *
 * Time and memory are in proportion to it: some 100 bytes for each of its own. It may have up to 16 million, since maps have a limit.
 *
 * @throws {Error} by the rules, if it is cut short, damaged, or asks for what they don't know
 */
export function readPickle<M>(bytes: Uint8Array, rules: PickleRules<M>): Pickled<M> {
  return new Machine(bytes, rules).run();
}

class Machine<M> {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #rules: PickleRules<M>;
  readonly #stack: Pickled<M>[] = [];
  /** Where on the stack the lists that are being put together begin. */
  readonly #marks: number[] = [];
  readonly #memo = new Map<number, Pickled<M>>();
  /** The byte that is read next, and that of the opcode. */
  #at = 0;
  #begin = 0;

  constructor(bytes: Uint8Array, rules: PickleRules<M>) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#rules = rules;
  }

  run(): Pickled<M> {
    if (this.#bytes[0] !== 0x80) throw this.#fail("is no pickle of protocol 2 or later, which begins with 80");
    for (;;) {
      this.#begin = this.#at;
      const code = this.#bytes[this.#take(1)]!;
      if (code === 0x2e) break;
      this.#step(code);
    }
    const value = this.#pop();
    if (this.#stack.length > 0 || this.#marks.length > 0) throw this.#fail("ends within a value");
    if (this.#at !== this.#bytes.length) throw this.#fail(`ends, but there are ${this.#bytes.length} bytes`);
    return value;
  }

  #fail(why: string): Error {
    return this.#rules.refuse(why, this.#begin);
  }

  /** Where so many bytes begin, which are then read. */
  #take(count: number): number {
    const at = this.#at;
    if (!(count <= this.#bytes.length - at)) throw this.#fail("is cut short");
    this.#at += count;
    return at;
  }

  /** A length of 8 bytes; one beyond 2^53 is beyond any file, too. */
  #wide(): number {
    return Number(this.#view.getBigUint64(this.#take(8), true));
  }

  #u32(): number {
    return this.#view.getUint32(this.#take(4), true);
  }

  #u8(): number {
    return this.#bytes[this.#take(1)]!;
  }

  #text(length: number): string {
    const from = this.#take(length);
    try {
      return utf8Text(this.#bytes.subarray(from, from + length));
    } catch {
      throw this.#fail("has a text that isn't UTF-8");
    }
  }

  /** A text up to the end of the line. */
  #line(): string {
    const end = this.#bytes.indexOf(10, this.#at);
    if (end < 0) throw this.#fail("is cut short");
    const text = this.#text(end - this.#at);
    this.#at++;
    return text;
  }

  /** A whole number of any size, the lowest byte first: a bigint where a number isn't exact. */
  #long(length: number): number | bigint {
    if (length > MOST_DIGITS)
      throw this.#fail(`has a whole number of ${length} bytes; at most ${MOST_DIGITS} are read`);
    const from = this.#take(length);
    if (length === 0) return 0;
    const digits = Array.from(this.#bytes.subarray(from, from + length).toReversed(), (byte) =>
      byte.toString(16).padStart(2, "0"),
    );
    const value = BigInt.asIntN(8 * length, BigInt(`0x${digits.join("")}`));
    const number = Number(value);
    return Number.isSafeInteger(number) ? number : value;
  }

  #push(value: Pickled<M>): void {
    this.#stack.push(value);
  }

  #pop(): Pickled<M> {
    if (this.#stack.length <= (this.#marks.at(-1) ?? 0)) throw this.#fail("takes a value where there is none");
    return this.#stack.pop()!;
  }

  #last(): Pickled<M> {
    const value = this.#pop();
    this.#push(value);
    return value;
  }

  /** All values behind the last mark, which goes with them. */
  #popMarked(): Pickled<M>[] {
    const mark = this.#marks.pop();
    if (mark === undefined) throw this.#fail("ends a list that it hasn't begun");
    return this.#stack.splice(mark);
  }

  #tuple(count: number): void {
    const items = Array.from({ length: count }, () => this.#pop()).toReversed();
    this.#push({ kind: "tuple", items });
  }

  /** Adds to the list that is last on the stack. */
  #append(items: readonly Pickled<M>[]): void {
    const list = this.#last();
    if (list === null || typeof list !== "object" || list.kind !== "list") {
      throw this.#fail(`adds to ${pickledText(list)}, which is no list`);
    }
    for (const item of items) list.items.push(item);
  }

  /** Sets keys of the dict that is last on the stack. */
  #set(pairs: readonly Pickled<M>[]): void {
    const dict = this.#last();
    if (dict === null || typeof dict !== "object" || dict.kind !== "dict") {
      throw this.#fail(`sets keys of ${pickledText(dict)}, which is no dict`);
    }
    if (pairs.length % 2 !== 0) throw this.#fail("has a key without a value");
    for (const each of pairs) dict.pairs.push(each);
  }

  #name(module: Pickled<M>, name: Pickled<M>): void {
    if (typeof module !== "string" || typeof name !== "string") throw this.#fail("has a name that is no text");
    const full = `${module}.${name}`;
    this.#rules.checkName(full, this.#begin);
    this.#push({ kind: "name", name: full });
  }

  /** A call, of which the rules say what it would make. */
  #reduce(): void {
    const args = this.#pop();
    const called = this.#pop();
    if (called === null || typeof called !== "object" || called.kind !== "name") {
      throw this.#fail(`calls ${pickledText(called)}, which is no function`);
    }
    if (args === null || typeof args !== "object" || args.kind !== "tuple") {
      throw this.#fail(`calls ${called.name} with ${pickledText(args)}, not a tuple`);
    }
    this.#push(this.#rules.call(called.name, args.items, this.#begin));
  }

  /** The attributes of an OrderedDict, which are left out. */
  #build(): void {
    this.#pop();
    const object = this.#last();
    if (object === null || typeof object !== "object" || object.kind !== "dict" || !object.ordered) {
      throw this.#fail(`sets attributes of ${pickledText(object)}`);
    }
  }

  #get(place: number): void {
    const value = this.#memo.get(place);
    if (value === undefined) throw this.#fail(`uses value ${place} before it is kept`);
    this.#push(value);
  }

  #step(code: number): void {
    switch (code) {
      case 0x80: {
        const protocol = this.#u8();
        if (protocol < 2 || protocol > 5) throw this.#fail(`is of protocol ${protocol}; 2 to 5 are read`);
        return;
      }
      case 0x95: // the length of a part, which is only there to be read at once
        if (this.#wide() > this.#bytes.length - this.#at) throw this.#fail("is cut short");
        return;
      case 0x28:
        return void this.#marks.push(this.#stack.length);
      case 0x4e:
        return this.#push(null);
      case 0x88:
        return this.#push(true);
      case 0x89:
        return this.#push(false);
      case 0x4a:
        return this.#push(this.#view.getInt32(this.#take(4), true));
      case 0x4b:
        return this.#push(this.#u8());
      case 0x4d:
        return this.#push(this.#view.getUint16(this.#take(2), true));
      case 0x8a:
        return this.#push(this.#long(this.#u8()));
      case 0x8b:
        return this.#push(this.#long(this.#u32()));
      case 0x47:
        return this.#push(this.#view.getFloat64(this.#take(8), false));
      case 0x8c:
        return this.#push(this.#text(this.#u8()));
      case 0x58:
        return this.#push(this.#text(this.#u32()));
      case 0x8d:
        return this.#push(this.#text(this.#wide()));
      case 0x5d:
        return this.#push({ kind: "list", items: [] });
      case 0x7d:
        return this.#push({ kind: "dict", pairs: [], ordered: false });
      case 0x29:
        return this.#tuple(0);
      case 0x85:
      case 0x86:
      case 0x87:
        return this.#tuple(code - 0x84);
      case 0x74:
        return this.#push({ kind: "tuple", items: this.#popMarked() });
      case 0x61:
        return this.#append([this.#pop()]);
      case 0x65:
        return this.#append(this.#popMarked());
      case 0x73:
        return this.#set([this.#pop(), this.#pop()].toReversed());
      case 0x75:
        return this.#set(this.#popMarked());
      case 0x68:
        return this.#get(this.#u8());
      case 0x6a:
        return this.#get(this.#u32());
      case 0x71:
        return void this.#memo.set(this.#u8(), this.#last());
      case 0x72:
        return void this.#memo.set(this.#u32(), this.#last());
      case 0x94:
        return void this.#memo.set(this.#memo.size, this.#last());
      case 0x63:
        return this.#name(this.#line(), this.#line());
      case 0x93: {
        const name = this.#pop();
        return this.#name(this.#pop(), name);
      }
      case 0x52:
        return this.#reduce();
      case 0x51:
        return this.#push(this.#rules.persistent(this.#pop(), this.#begin));
      case 0x62:
        return this.#build();
      default: {
        const letter = String.fromCharCode(code);
        const what = Object.entries(REFUSED).find(([codes]) => codes.includes(letter))?.[1];
        throw this.#fail(what ? `makes ${what}` : `has ${code.toString(16).padStart(2, "0")}, which is no opcode`);
      }
    }
  }
}
