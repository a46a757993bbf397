/** What a person calls a host of this story's world. */
import type { Story } from '../../shared/story/story.ts';
import type { HostId } from '../../shared/world/world.ts';

export const hostName = (story: Story, id: HostId): string =>
  story.header.world.hosts.find(host => host.id === id)?.label ?? id;
