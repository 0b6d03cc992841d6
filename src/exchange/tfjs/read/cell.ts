// What a recurrent layer of model.json says of itself.
/** Its kind, size and options. */
export interface Cell {
  readonly type: "simpleRnn" | "lstm" | "gru";
  readonly units: number;
  readonly activation: string;
  readonly recurrentActivation: string;
  readonly useBias: boolean;
  readonly resetAfter: boolean;
  readonly returnSequences: boolean;
  readonly returnState: boolean;
  readonly reverse: boolean;
  readonly stateful: boolean;
  readonly dropout: number;
  readonly options: Record<string, unknown>;
}
