/** A line of things that wait: first in, first out, however many; a long array would move all of itself at each shift. */
export class Fifo<Item> {
  private items: Item[];
  private first = 0;

  constructor(...items: Item[]) {
    this.items = items;
  }

  push(item: Item): void {
    this.items.push(item);
  }

  /** Takes the oldest; undefined where nothing waits. */
  shift(): Item | undefined {
    const item = this.items[this.first];
    if (this.first < this.items.length) this.first += 1;
    if (this.first * 2 > this.items.length) {
      this.items = this.items.slice(this.first);
      this.first = 0;
    }
    return item;
  }
}
