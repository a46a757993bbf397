/** Something that is opened when it is first needed: once for all who ask, and again where it could not be opened. */
export class OpenedOnce<T> {
  private readonly open: () => Promise<T>;
  private opening: Promise<T> | null = null;

  constructor(open: () => Promise<T>) {
    this.open = open;
  }

  /** Rejects as the opening does, for all who wait for it; whoever asks next tries again. */
  async get(): Promise<T> {
    this.opening ??= this.open();
    try {
      return await this.opening;
    } catch (error) {
      this.opening = null;
      throw error;
    }
  }

  /** What is open; null where nobody needed it or it could not be opened. */
  async opened(): Promise<T | null> {
    try {
      return await this.opening;
    } catch {
      return null;
    }
  }
}
