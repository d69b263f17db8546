/** Runs tasks one after the other, in the order they were given; a failing task fails its caller only. */
export class Serial {
  #last: Promise<unknown> = Promise.resolve();

  async run<T>(task: () => Promise<T>): Promise<T> {
    const result = this.#last.then(task, task);
    this.#last = result.catch(() => undefined);
    return await result;
  }
}
