/** What the service says of itself, as a language says it. */
export interface ServiceWords {
  /** Paravent's own rules, by their identifiers. */
  rules: Readonly<Record<string, string>>;
  gateway: string | null;
  needsInside: string | null;
  /** A sentence of the service, and what is said instead; {1} is what stood in the pattern's first pair of brackets. */
  sentences: readonly (readonly [RegExp, string])[];
}

/** The service speaks English: its own sentences stand as they come. */
export const service: ServiceWords = { rules: {}, gateway: null, needsInside: null, sentences: [] };
