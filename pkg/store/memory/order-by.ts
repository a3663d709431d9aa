/** Compares by the first key that differs; text by code unit, as the database's binary collations do. */
export function orderBy<T>(
  ...keys: readonly ((row: T) => string | number)[]
): (a: T, b: T) => number {
  return (a, b) => {
    for (const key of keys) {
      const left = key(a);
      const right = key(b);
      if (left < right) return -1;
      if (left > right) return 1;
    }
    return 0;
  };
}
