/** Whose address is whose, in the world as it is now and on the machine around it. */
import type { Endpoint } from '../../shared/trace/event.ts';
import type { Host, HostId, World } from '../../shared/world/world.ts';
import type { Address } from './contract.ts';
import { type Outside, outsideOf } from './outside.ts';

/** Where callers from outside the box seem to come from when the world has no visitor of its own. */
const SOMEBODY: Pick<Host, 'id' | 'addresses'> = { id: 'your-computer.example', addresses: ['203.0.113.77'] };

export class AddressBook {
  private readonly world: () => Pick<World, 'hosts'>;
  private readonly outside: Outside | null;

  /** `world` is asked anew at each look-up. */
  constructor(world: () => Pick<World, 'hosts'>, outside: Outside | null) {
    this.world = world;
    this.outside = outside;
  }

  /** Where callers from outside the box seem to come from. */
  visitor(): { readonly host: HostId; readonly address: string } {
    const { id, addresses } = this.world().hosts.find(host => host.kind === 'visitor') ?? SOMEBODY;
    return { host: id, address: addresses[0] };
  }

  /** Whether it is the address of a host of the world. */
  isKnown(address: string): boolean {
    return this.hostAt(address) !== undefined;
  }

  /** The preferred one first. Throws where there is no such host. */
  addressesOf(id: HostId): Host['addresses'] {
    const host = this.world().hosts.find(each => each.id === id);
    if (host === undefined) throw new Error(`there is no host ${id} in this world`);
    return host.addresses;
  }

  /** The address that a host uses towards `to`: of the same family where it has one. */
  sourceFor(id: HostId, to: string): string {
    const addresses = this.addressesOf(id);
    return addresses.find(address => address.includes(':') === to.includes(':')) ?? addresses[0];
  }

  /** An address that is nobody's names itself. */
  endpointOf(to: Address): Endpoint {
    return {
      host: this.hostAt(to.address)?.id ?? outsideOf(this.outside, to)?.host ?? to.address,
      address: to.address,
      port: to.port,
    };
  }

  private hostAt(address: string): Host | undefined {
    return this.world().hosts.find(host => host.addresses.includes(address));
  }
}
