/**
 * The order of a stream's batches, which several writers have in hand at once: one that writes a resource waits for every
 * earlier one that writes it too. So each says what it writes, and none begins before all earlier ones have.
 */
export type Place = {
  /** `keys`: what the batch writes. Answers when it may. */
  enter(keys: readonly string[]): Promise<void>;
  /** It is written, or never will be. */
  leave(): void;
};

type Batch = { keys: ReadonlySet<string> | undefined; readonly said: Promise<void>; say: () => void; readonly left: Promise<void>; go: () => void };

export class Order {
  readonly #batches = new Set<Batch>();

  /** The place after all that were given before. */
  next(): Place {
    const said = Promise.withResolvers<void>(), left = Promise.withResolvers<void>();
    const batch: Batch = { keys: undefined, said: said.promise, say: said.resolve, left: left.promise, go: left.resolve };
    const before = [...this.#batches];
    this.#batches.add(batch);
    return {
      enter: async (keys) => {
        batch.keys = new Set(keys);
        batch.say();
        await Promise.all(before.map(({ said }) => said));
        await Promise.all(before.flatMap((other) => other.keys === undefined || batch.keys!.isDisjointFrom(other.keys) ? [] : [other.left]));
      },
      leave: () => {
        this.#batches.delete(batch);
        batch.say();
        batch.go();
      },
    };
  }
}
