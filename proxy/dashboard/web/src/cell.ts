import { useEffect, useState } from 'preact/hooks';

/** A value that several parts of the page look at. */
export interface Cell<T> {
  get(): T;
  set(value: T): void;
  watch(look: (value: T) => void): () => void;
}

export function cell<T>(value: T): Cell<T> {
  const watching = new Set<(value: T) => void>();
  return {
    get: () => value,
    set(next) {
      if (Object.is(next, value)) return;
      value = next;
      for (const look of [...watching]) look(value);
    },
    watch(look) {
      watching.add(look);
      return () => watching.delete(look);
    },
  };
}

export function useCell<T>(of: Cell<T>): T {
  const [value, set] = useState(of.get());
  useEffect(() => {
    set(of.get());
    return of.watch(set);
  }, [of]);
  return value;
}
