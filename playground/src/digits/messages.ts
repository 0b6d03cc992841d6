// What the digits page and its worker say to each other. The worker alone has the library: the page's thread only draws.
import type { Training } from "./settings.ts";

/** A layer of the network that is shown. */
export interface LayerInfo {
  /** Its own name, such as conv2d1. */
  readonly name: string;
  readonly type: string;
  readonly options: Readonly<Record<string, unknown>>;
  /** Shapes of a row. */
  readonly input: readonly number[];
  readonly output: readonly number[];
  /** Its parameters' values, by their names within it: kernel, weight, bias. */
  readonly parameters: Readonly<Record<string, Float32Array>>;
}

/** The network that is shown. */
export interface NetworkInfo {
  readonly origin: "pretrained" | "trained" | "file";
  /** The file's, where it is one. */
  readonly fileName: string;
  /** Layers in their order, each reading the one before it; empty where the network isn't such a row of layers. */
  readonly layers: readonly LayerInfo[];
  readonly parameters: number;
  readonly fingerprint: string;
}

/** What the network computes for a digit. */
export interface Seen {
  /** The 28 x 28 bytes that it is shown, centred. */
  readonly pixels: Uint8Array;
  /** Undefined: there is nothing to see. */
  readonly result?: {
    /** Of the digits 0 to 9. */
    readonly chances: Float32Array;
    /** The digit that `gradient` is of. */
    readonly of: number;
    /** How the output of that digit changes with each pixel; undefined: this network can't say. */
    readonly gradient: Float32Array | undefined;
    /** What each layer gives, by its name. */
    readonly values: Readonly<Record<string, Float32Array>>;
  };
}

/** A test image that the network takes for another digit. */
export interface Misread {
  readonly index: number;
  readonly pixels: Uint8Array;
  readonly label: number;
  readonly said: number;
}

/** Why something didn't work. */
export type Trouble = "pretrained" | "images" | "file" | "memory" | "non-finite" | "webassembly" | "other";

export type ToWorker =
  | { readonly do: "pretrained"; readonly url: string }
  | { readonly do: "open"; readonly file: File }
  /** A drawing of any size, to be centred, or 784 bytes as they are; `of` chooses the digit of the gradient, else it is the likeliest. */
  | {
      readonly do: "see";
      readonly origin: NetworkInfo["origin"];
      readonly digit: { readonly drawn: ImageData } | { readonly pixels: Uint8Array };
      readonly of: number | undefined;
    }
  | {
      readonly do: "train";
      readonly training: Training;
      /** Address of the folder with the images. */
      readonly folder: string;
      /** Milliseconds from one look at the weights to the next. */
      readonly showEvery: number;
    }
  | { readonly do: "export"; readonly origin: NetworkInfo["origin"] }
  | { readonly do: "pause" | "resume" | "stop" };

export type FromWorker =
  | { readonly says: "network"; readonly network: NetworkInfo }
  | { readonly says: "seen"; readonly seen: Seen }
  | { readonly says: "fetching"; readonly bytes: number; readonly of: number | undefined }
  | { readonly says: "started"; readonly threads: number; readonly reason: string | undefined }
  | {
      readonly says: "progress";
      /** Batches made, and all there are. */
      readonly batch: number;
      readonly batches: number;
      readonly loss: number;
      /** Images a second, measuring left out. */
      readonly speed: number;
    }
  | {
      readonly says: "epoch";
      readonly epoch: number;
      readonly loss: number;
      readonly accuracy: number;
      readonly testLoss: number;
      readonly testAccuracy: number;
    }
  | {
      readonly says: "trained";
      readonly stopped: boolean;
      /** Measuring, showing and pauses left out. */
      readonly seconds: number;
      readonly right: number;
      readonly tested: number;
      readonly fingerprint: string;
      readonly misread: readonly Misread[];
    }
  | { readonly says: "exported"; readonly bytes: Uint8Array<ArrayBuffer> }
  | { readonly says: "trouble"; readonly trouble: Trouble; readonly detail: string };
