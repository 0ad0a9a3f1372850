/** A value of a graph input: an explicit null says as much as leaving it out. */
export type Given<T> = T | null | undefined;
