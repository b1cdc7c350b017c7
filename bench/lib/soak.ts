/** Something that is done so often, or for so long, that what is rare shows. */
export interface Soak {
  readonly name: string;
  readonly title: string;
  /** How often, unless told otherwise. */
  readonly times: number;
  run(order: SoakOrder): Promise<SoakReport>;
}

export interface SoakOrder {
  readonly times: number;
  /** How many entities, where a soak has a fleet of them; absent: as many as it likes. */
  readonly entities?: number;
  readonly say: (line: string) => void;
  /** What has to be ended, also when the soak is interrupted. */
  readonly atTheEnd: (close: () => Promise<void>) => void;
}

export interface SoakReport {
  readonly figures: Readonly<Record<string, unknown>>;
  /** What went wrong, in words; nothing when all is well. */
  readonly complaints: readonly string[];
}
