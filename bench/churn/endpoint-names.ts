import { Resolver } from 'node:dns/promises';
import { headlessName } from './manifest.ts';

/** The endpoints as DNS has them: A records of the headless Service. */
export class EndpointNames {
  readonly #resolver = new Resolver({ timeout: 500, tries: 3 });

  constructor(port: number) {
    this.#resolver.setServers([`127.0.0.1:${port}`]);
  }

  async has(address: string): Promise<boolean> {
    try {
      return (await this.#resolver.resolve4(headlessName)).includes(address);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      // No endpoints at all: the name has no records, or does not exist.
      if (code === 'ENODATA' || code === 'ENOTFOUND') return false;
      throw error;
    }
  }
}
