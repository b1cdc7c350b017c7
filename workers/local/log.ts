/** Takes one line of progress for people to read. */
export type Log = (line: string) => void;
