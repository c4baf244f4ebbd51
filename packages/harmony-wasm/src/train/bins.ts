/**
 * Best fit decreasing: places the largest size first, each into the fullest bin
 * with room for it. Equal sizes keep their order, so the result is
 * deterministic. Takes n log n for any sizes.
 */

/** The indices of `sizes` in each bin of `capacity`, ascending. */
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

/** Each word of the index has 32 bits; each level has one bit for a word of the level below. */
const BITS = 5;

/** The bins by their remaining room, with an index of the rooms in use. */
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

  /** Removes and returns the last bin with exactly this room. */
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

  /** The smallest room of at least `size`: climbs to a word with a higher bit, then descends to it. */
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

/** The index of the lowest set bit. */
function firstBit(word: number): number {
  return 31 - Math.clz32(word & -word);
}
