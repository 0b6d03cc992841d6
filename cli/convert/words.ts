// The library's words as this command's: options as they are written in a shell.
import { isStop } from "../stop.ts";

/** What the command calls, of which messages begin with the name. */
const FUNCTIONS =
  /^(?:(?:loadStateDict|stateDict|readTorch|readNpz|readSafetensors|writeSafetensors|writeNpz|modelToBytes|modelFromBytes|toOnnx|fromOnnx|toLayersModel|fromLayersModel|exportModule|predict): )+/;

const RULES: readonly (readonly [pattern: RegExp, text: string])[] = [
  [/strict: false leaves out what it doesn't have/g, "--leave-others leaves out what it doesn't have"],
  [/give its shape in the option input: \{.*\}$/g, "give it with --input, such as --input 28,28,1"],
  [/^opset must be/g, "--opset must be"],
  [/`names` says which module a layer is/g, "--names LAYER=MODULE says which module a layer is"],
  [
    /two layers have the tensor (.+); give one another module/g,
    "two layers have the tensor $1; give one another module by --names",
  ],
];

/** An error as one of the command; what ends a command is passed on as it is. */
export function convertFailure(error: unknown, signal: AbortSignal): Error {
  if (isStop(error, signal)) return error as Error;
  const { message } = error as Error;
  const said = RULES.reduce((text, [pattern, by]) => text.replace(pattern, by), message.replace(FUNCTIONS, ""));
  return said === message && said.startsWith("convert: ")
    ? (error as Error)
    : new Error(said.startsWith("convert: ") ? said : `convert: ${said}`, { cause: error });
}
