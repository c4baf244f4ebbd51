/**
 * Best fit decreasing: the largest first, each into the fullest bin that has
 * room for it. Of equals the first comes first, so the same sizes always give
 * the same bins. Takes n log n, whatever the sizes.
 */

/** The indices of `sizes` that go into each bin of `capacity`, ascending. */
export function binsOf(sizes: readonly number[], capacity: number): number[][] {
  const bins: number[][] = [];
  const rooms = new Rooms(capacity);
  for (const index of descending(sizes)) {
    const size = sizes[index] ?? 0;
    const room = rooms.smallest(size);
    const bin = room === undefined ? bins.push([]) - 1 : rooms.take(room);
    bins[bin]?.push(index);
    rooms.put((room ?? capacity) - size, bin);
  }
  return bins.map((bin) => bin.sort((left, right) => left - right));
}

function descending(sizes: readonly number[]): number[] {
  return Array.from(sizes.keys()).sort((left, right) => {
    return (sizes[right] ?? 0) - (sizes[left] ?? 0) || left - right;
  });
}

/** Bits of a word of the index, whose words are summed up in words, and so on. */
const BITS = 5;

/** The bins by the room that is left in them, and an index over the rooms that there are. */
class Rooms {
  readonly #bins = new Map<number, number[]>();
  readonly #levels: Uint32Array[] = [];

  constructor(capacity: number) {
    for (let words = capacity + 1; words > 1 || this.#levels.length === 0; ) {
      words = Math.ceil(words / 2 ** BITS);
      this.#levels.push(new Uint32Array(words));
    }
  }

  put(room: number, bin: number): void {
    const bins = this.#bins.get(room);
    if (bins !== undefined) {
      bins.push(bin);
      return;
    }
    this.#bins.set(room, [bin]);
    this.#levels.forEach((words, level) => {
      const at = room >>> (BITS * level);
      words[at >>> BITS] = (words[at >>> BITS] ?? 0) | (1 << (at & 31));
    });
  }

  /** Takes out the bin that came last among those with exactly this room. */
  take(room: number): number {
    const bins = this.#bins.get(room) ?? [];
    const bin = bins.pop() ?? 0;
    if (bins.length === 0) this.#forget(room);
    return bin;
  }

  #forget(room: number): void {
    this.#bins.delete(room);
    for (const [level, words] of this.#levels.entries()) {
      const at = room >>> (BITS * level);
      const word = (words[at >>> BITS] ?? 0) & ~(1 << (at & 31));
      words[at >>> BITS] = word;
      if (word !== 0) return;
    }
  }

  /** The least room of at least `size`: up to a word that has more, then down to its first bit. */
  smallest(size: number): number | undefined {
    let at = size;
    for (const [level, words] of this.#levels.entries()) {
      const rest = ((words[at >>> BITS] ?? 0) >>> (at & 31)) << (at & 31);
      if (rest !== 0) return this.#down(level, ((at >>> BITS) << BITS) + firstBit(rest));
      at = (at >>> BITS) + 1;
    }
    return undefined;
  }

  #down(from: number, at: number): number {
    let room = at;
    for (let level = from - 1; level >= 0; level -= 1) {
      room = (room << BITS) + firstBit(this.#levels[level]?.[room] ?? 0);
    }
    return room;
  }
}

/** The number of the lowest bit that is set. */
function firstBit(word: number): number {
  return 31 - Math.clz32(word & -word);
}
