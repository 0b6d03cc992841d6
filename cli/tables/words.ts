// The library's words as the command's: messages without the names of its functions, and options as they are written in a shell.
import { isStop } from "../stop.ts";
import { shellWord } from "../shell.ts";

/** What the commands call, of which messages begin with the name. */
const FUNCTIONS =
  /^(?:(?:trainTable|tableModelFromBytes|readTable|readCsv|readJsonLines|readNpy|readNpz|table|infer|fit|transform|withHistory|split|kFold|qualityReport|evaluate|evaluateClassification|evaluateRegression|sequential): )+/;

/** A name as it is in JSON or plain, and the plain one. */
const NAME = String.raw`("(?:[^"\\]|\\.)*"|[\w$]+)`;
const plain = (name: string): string => (name.startsWith('"') ? (JSON.parse(name) as string) : name);
/** The texts of `"a", "b"`. */
const texts = (list: string): string[] => (list.match(/"(?:[^"\\]|\\.)*"/g) ?? []).map(plain);

/** A text as one of several with commas between them. */
const listed = (text: string): string => (/[",]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

type Rule = readonly [pattern: RegExp, text: string | ((...parts: string[]) => string)];

const RULES: readonly Rule[] = [
  [
    new RegExp(String.raw`types: \{ ${NAME}: \{ type: "date", format: (\[[^\]]*\]|"[^"]*") \} \}`, "g"),
    (_, name, formats) => `--type ${shellWord(`${plain(name!)}=date:${texts(formats!).join("+")}`)}`,
  ],
  [
    new RegExp(String.raw`types: \{ ${NAME}: "(\w+)" \}`, "g"),
    (_, name, type) => `--type ${shellWord(`${plain(name!)}=${type}`)}`,
  ],
  [
    new RegExp(String.raw`columns: \{ ${NAME}: "drop" \} or --drop ${NAME}`, "g"),
    (_, name) => (name === "NAME" ? "--drop NAME" : `--drop ${shellWord(listed(plain(name!)))}`),
  ],
  [
    /missing: \[((?:"(?:[^"\\]|\\.)*"(?:, )?)+)\]/g,
    (_, list) => `--missing ${shellWord(texts(list!).map(listed).join(","))}`,
  ],
  [
    /leave the column out, \{ drop: \[("(?:[^"\\]|\\.)*")\] \}/g,
    (_, name) => `leave the column out, --drop ${shellWord(plain(name!))}`,
  ],
  [/missing: \[\.\.\.\]/g, "--missing WORD"],
  [/decimal: "\." or decimal: ","/g, "--decimal . or --decimal ,"],
  [/leave out task, or give "classification"/g, "leave out --task, or give classification"],
  [/, and task: "regression"/g, ", and --task regression"],
  [/\btask:? "(\w+)"/g, (_, task) => `--task ${task}`],
  [
    /(must be a column of classes, .*); by: "random" needs none/g,
    "$1; leave out --task classification or --split stratified",
  ],
  [/\bdivide by: "(\w+)"/g, (_, way) => `divide with --split ${way}`],
  [/\bby: "(time|group|stratified|random)"/g, (_, way) => `--split ${way}`],
  [/\bsplit: "(\w+)"/g, (_, way) => `--split ${way}`],
  [/\bsplit is "(\w+)"/g, (_, way) => `--split is ${way}`],
  [/say it: time: "column"/g, "say it: --time COLUMN"],
  [/give time: one of /g, "give --time with one of "],
  [/\bas options say(?=; )/g, "as --type says"],
  [/\bas options say\b/g, "left out by --drop"],
  [/, and a feature is 1\b/g, ", and one input more is 1 for them"],
  [/; give encoding: byte/g, "; give --encoding, or save it as UTF-8: byte"],
  [
    /, and ((?:delimiter|header|comment)(?:, (?:delimiter|header|comment))*) (is|are) for CSV alone/g,
    (_, names, verb) =>
      `, and ${names!
        .split(", ")
        .map((name) => CSV_OPTIONS[name]!)
        .join(", ")} ${verb} for CSV alone`,
  ],
  [/^delimiter and comment must differ/g, "--delimiter and --comment must differ"],
  [/^quote (\S+) must not be part of delimiter or comment; give another/g, "--delimiter and --comment can't have a $1"],
  [/^header\[(\d+)\] and header\[(\d+)\] are both/g, "--columns: names $1 and $2 (counted from 0) are both"],
  [/^encoding must be/g, "--encoding must be"],
  [/\bleave (horizon|time|group) out/g, (_, name) => `leave --${name} out`],
  [/^types\.(\S+)\.format must be /g, (_, name) => `--type ${name}: how dates are written must be `],
  [/^types\.(\S+) is /g, (_, name) => `--type ${name}: it is to be `],
  [/^layers\[\d+\]/g, "--layers: each"],
  [/^(seed|epochs|validation|test|costs|kFold|horizon|time|group)(?=:? )/g, (_, name) => OPTIONS[name!] ?? `--${name}`],
  [/say so where types are inferred: /g, "say so: "],
  [/say how they are written where types are inferred: /g, "say how they are written: "],
  [/, or give header: \[names\] and leave out the line/g, ", or name them all with --columns and leave out the line"],
  [/, or give ragged: "pad" to have it empty/g, ""],
  [/; if it is one in UTF-16, give encoding: "utf-16le"/g, "; if it is one in UTF-16, give --encoding utf-16le"],
  [/, or give quote: false if (?:quotes|they) are part of the cells/g, ""],
  [
    /trainer\.restore takes \(await readCheckpoint\(bytes\)\)\.state, and saveModel writes the model/g,
    "give the file that train wrote with --out; wasmgrad resume goes on with a training",
  ],
  [
    /which takes arrays of numbers alone: loadModel reads it; trainTable makes models of tables/g,
    "which takes arrays of numbers, not rows of a table; wasmgrad train makes models of tables",
  ],
];

/** What the options of readers are called. */
const CSV_OPTIONS: Readonly<Record<string, string>> = {
  delimiter: "--delimiter",
  comment: "--comment",
  header: "--header, --no-header or --columns",
};

const OPTIONS: Readonly<Record<string, string>> = { kFold: "--k-fold" };

/** Rules of the beginnings of messages, which name an option; sentences may begin with a column's name, which may be the same. */
const OF_MESSAGES = RULES.filter(([pattern]) => pattern.source.startsWith("^"));
const OF_SENTENCES = RULES.filter((rule) => !OF_MESSAGES.includes(rule));

const byRules = (text: string, rules: readonly Rule[]): string =>
  rules.reduce<string>((said, [pattern, by]) => said.replace(pattern, by as string), text);

/** What the library says of data, for people who use the command. */
export const commandWords = (text: string): string => byRules(text, OF_SENTENCES);

/** The message of an error, without the names of the library's functions. */
const messageWords = (text: string): string => commandWords(byRules(text.replace(FUNCTIONS, ""), OF_MESSAGES));

/** An error of the library as one of a command; what ends a command is passed on as it is. */
export function failure(command: string, error: unknown, signal?: AbortSignal): Error {
  if (isStop(error, signal)) return error as Error;
  const { message } = error as Error;
  const said = messageWords(message);
  return said.startsWith(`${command}: `) ? (error as Error) : new Error(`${command}: ${said}`, { cause: error });
}
