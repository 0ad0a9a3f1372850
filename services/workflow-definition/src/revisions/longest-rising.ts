/** A longest part of `items`, in their order, whose ranks rise. At most some hundred items: n² will do. */
export function longestRising<T>(items: readonly T[], rankOf: (item: T) => number): T[] {
  const best: { length: number; previous: number }[] = [];
  let end = -1;
  for (const [index, item] of items.entries()) {
    let length = 1;
    let previous = -1;
    for (let i = 0; i < index; i++) {
      if (rankOf(items[i]!) >= rankOf(item) || best[i]!.length < length) continue;
      length = best[i]!.length + 1;
      previous = i;
    }
    best.push({ length, previous });
    if (end === -1 || length > best[end]!.length) end = index;
  }
  const result: T[] = [];
  for (let index = end; index !== -1; index = best[index]!.previous) result.unshift(items[index]!);
  return result;
}
